using Runtime.Core;

namespace Runtime.Stores.Volumes;

/// <summary>
/// Finds the blocks of a container that goes; what damage hides stays in use until free space is sought again.
/// </summary>
internal sealed class DeletionWalk(BlockReader reader) : BlockWalk(reader)
{
    protected override void Damaged(long block, PageNumber? page, VolumeException damage)
    {
    }
}
