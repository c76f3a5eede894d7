namespace Runtime.Stores.Volumes;

/// <summary>How the bytes of a block are to be read.</summary>
internal enum BlockKind
{
    Superblock,
    Node,
    Container,
    Versions,
    DeadList,
    Bitmap,
    Page,
}
