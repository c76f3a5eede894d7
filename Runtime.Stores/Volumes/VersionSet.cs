namespace Runtime.Stores.Volumes;

/// <summary>All containers and kept versions of a volume at one moment, held so that none of them goes.</summary>
/// <remarks>Thread safe. Versions come in the order of their births: none before the one that it is based on.</remarks>
internal sealed class VersionSet : IDisposable
{
    private readonly OpenVersions _open;

    private VersionSet(OpenVersions open, IReadOnlyList<ContainerEntry> containers, IReadOnlyList<KeptVersion> versions)
    {
        _open = open;
        Containers = containers;
        Versions = versions;
    }

    /// <summary>Those that were not deleted.</summary>
    public IReadOnlyList<ContainerEntry> Containers { get; }

    public IReadOnlyList<KeptVersion> Versions { get; }

    /// <param name="reader">Of the volume, whose commits wait meanwhile.</param>
    /// <param name="catalogue">Of its newest commit.</param>
    /// <param name="open">Where the versions are counted as open.</param>
    /// <exception cref="Core.VolumeException">Something that leads to a version is damaged.</exception>
    public static VersionSet Open(BlockReader reader, Catalogue catalogue, OpenVersions open)
    {
        List<ContainerEntry> containers = [.. catalogue.All()];
        var versions = new List<KeptVersion>();
        foreach (ContainerEntry container in containers)
        {
            foreach (VersionRecord version in VersionTable.All(reader, container).Where(version => !version.IsHidden))
            {
                versions.Add(new KeptVersion(version, KeptAncestor(reader, catalogue, version)));
            }
        }

        versions.Sort((left, right) => left.Record.Birth.CompareTo(right.Record.Birth));
        foreach (KeptVersion version in versions)
        {
            open.TryOpen(version.Record.Id);                        // nothing goes while commits wait
        }

        return new VersionSet(open, containers, versions);
    }

    public void Dispose()
    {
        foreach (KeptVersion version in Versions)
        {
            _open.Close(version.Record.Id);
        }
    }

    /// <summary>The nearest version that it came of and that is kept, in whatever container; null if none is.</summary>
    private static VersionRecord? KeptAncestor(BlockReader reader, Catalogue catalogue, VersionRecord version)
    {
        while (!version.Parent.IsNone)
        {
            ContainerEntry? container = catalogue.Find(version.Parent.Container);
            VersionRecord? parent = container is null
                ? null
                : VersionTable.Find(reader, container, version.Parent.Interval);
            if (parent is null || parent.Birth >= version.Birth)
            {
                throw new Core.VolumeException(
                    Core.Status.IoError, $"the volume is damaged: {version.Id} does not follow its parent");
            }

            if (!parent.IsHidden && !container!.IsDeleted)
            {
                return parent;
            }

            version = parent;
        }

        return null;
    }
}
