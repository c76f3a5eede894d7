using System.Buffers;
using Runtime.Core;

namespace Runtime.Stores.Volumes;

/// <summary>
/// Goes to every block that a superblock leads to, each once, so that no crafted volume makes it endless.
/// </summary>
/// <remarks>Damage is reported and passed over: what a damaged block led to is not reached.</remarks>
internal abstract class BlockWalk(BlockReader reader)
{
    private readonly BlockSet _seen = new();

    /// <summary>Every block that was reached.</summary>
    public BlockSet Seen => _seen;

    /// <summary>Where the walk is, for reports.</summary>
    protected ContainerEntry? Container { get; private set; }

    /// <inheritdoc cref="Container"/>
    protected StateInterval? Interval { get; private set; }

    public void Catalogue(Superblock superblock) =>
        Tree(superblock.Catalogue, superblock.Holder, (id, pointer) => ContainerBlock(pointer, id));

    /// <summary>The container's block and all that it leads to.</summary>
    public void ContainerBlock(BlockPointer pointer, ulong id) => Visit(pointer, block =>
    {
        ContainerEntry container = ContainerEntry.Decode(block) is { } entry && entry.Id == id
            ? entry
            : throw Damage.At(pointer.Block, $"it is not the block of container {id}");
        if (Entered(container, pointer))
        {
            Versions(container, pointer);
            Left(container, pointer);
        }
    });

    /// <summary>The versions of a container whose block has been read.</summary>
    public void Versions(ContainerEntry container, BlockPointer holder)
    {
        Container = container;
        Tree(container.Versions, holder, (index, versions) => VersionBlock(index, versions));
        Container = null;
    }

    /// <summary>A container's block was read; the answer is whether to go on to its versions.</summary>
    protected virtual bool Entered(ContainerEntry container, BlockPointer pointer) => true;

    /// <summary>A container's versions have been gone through.</summary>
    protected virtual void Left(ContainerEntry container, BlockPointer pointer)
    {
    }

    /// <summary>A version was read; the answer is whether to go on to its pages.</summary>
    protected virtual bool Entered(VersionRecord version) => true;

    /// <summary>A block is led to once more; in maps that is how versions share it.</summary>
    protected virtual void Again(in BlockPointer pointer)
    {
    }

    /// <summary>Called for each page's block that was not seen before.</summary>
    protected virtual void Page(PageNumber page, in BlockPointer pointer)
    {
    }

    /// <summary>A node or record has been read, or a page passed.</summary>
    protected virtual void Passed()
    {
    }

    protected abstract void Damaged(long block, PageNumber? page, VolumeException damage);

    private void VersionBlock(ulong index, BlockPointer pointer) => Visit(pointer, block =>
    {
        ulong first = index * Format.ContainerVersion.PerBlock;
        for (int i = 0; i < Format.ContainerVersion.PerBlock; i++)
        {
            ReadOnlySpan<byte> bytes = block.Slice(i * Format.ContainerVersion.Size, Format.ContainerVersion.Size);
            if (!VersionRecord.IsAny(bytes))
            {
                continue;
            }

            VersionRecord version = VersionRecord.Decode(bytes, new VersionId(Container!.Id, first + (ulong)i))
                ?? throw Damage.At(pointer.Block, $"version {i} in it cannot be");
            Interval = new StateInterval(version.Id.Interval);
            if (Entered(version))
            {
                Tree(version.Map, pointer, PageBlock);
            }

            Interval = null;
        }
    });

    private void PageBlock(ulong index, BlockPointer pointer)
    {
        var page = new PageNumber(index);
        if (!_seen.Add(pointer.Block))
        {
            Again(pointer);
            return;
        }

        Passed();
        try
        {
            Page(page, pointer);
        }
        catch (VolumeException e)
        {
            Damaged(pointer.Block, page, e);
        }
    }

    private void Tree(TreeRoot root, BlockPointer holder, Action<ulong, BlockPointer> leaf)
    {
        if (IsSound(root.Pointer, holder))
        {
            Subtree(root.Pointer, root.Height, first: 0, leaf);
        }
    }

    private void Subtree(BlockPointer pointer, int height, ulong first, Action<ulong, BlockPointer> leaf)
    {
        if (pointer.IsHole)
        {
            return;
        }

        if (height == 0)
        {
            leaf(first, pointer);
            return;
        }

        Visit(pointer, node =>
        {
            for (int slot = 0; slot < Format.Tree.Fanout; slot++)
            {
                BlockPointer child = BlockPointer.Read(node[(slot * Format.Pointer.Size)..]);
                if (IsSound(child, holder: pointer))
                {
                    Subtree(child, height - 1, first + ((ulong)slot * TreeRoot.Capacity(height - 1)), leaf);
                }
            }
        });
    }

    private bool IsSound(in BlockPointer pointer, in BlockPointer holder)
    {
        try
        {
            reader.Check(pointer, holder);
            return true;
        }
        catch (VolumeException e)
        {
            Damaged(holder.Block, page: null, e);
            return false;
        }
    }

    /// <summary>
    /// Reads a node or record that was not seen before; not by way of the cache, which the walk would flush out.
    /// </summary>
    private void Visit(in BlockPointer pointer, ReadOnlySpanAction read)
    {
        if (!_seen.Add(pointer.Block))
        {
            Again(pointer);
            return;
        }

        Passed();
        byte[] block = ArrayPool<byte>.Shared.Rent(Format.BlockSize);
        try
        {
            reader.Read(pointer, block.AsSpan(0, Format.BlockSize));
            read(block.AsSpan(0, Format.BlockSize));
        }
        catch (VolumeException e)
        {
            Damaged(pointer.Block, page: null, e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private delegate void ReadOnlySpanAction(ReadOnlySpan<byte> block);
}
