using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;
using Runtime.Tests.Stores.Volumes;

namespace Runtime.Tests.Stores.Durability;

/// <summary>A volume on a disk that keeps a journal, and what it has promised.</summary>
internal sealed class CrashRun
{
    private VolumeDriver? _driver;

    public CrashRun(Predicate<int>? ignoresFlush = null)
        : this(new ImageDisk(), known: null, ignoresFlush)
    {
    }

    /// <param name="start">What is there at first.</param>
    /// <param name="known">What that holds; null if there is no volume.</param>
    /// <param name="ignoresFlush">Which flushes are lies.</param>
    public CrashRun(ImageDisk start, VolumeModel? known, Predicate<int>? ignoresFlush = null)
    {
        Reported = known;
        Journal = new JournalDisk<CrashPromise>(start)
        {
            Promise = Promise,
            IgnoresFlush = ignoresFlush ?? (_ => false),
        };
    }

    public JournalDisk<CrashPromise> Journal { get; }

    /// <summary>Changes the volume.</summary>
    public VolumeDriver Driver => _driver!;

    /// <summary>What was promised when the volume was opened last; null if there is none.</summary>
    private VolumeModel? Reported { get; set; }

    /// <summary>Opens the volume, or makes it.</summary>
    public void Open()
    {
        Volume volume = Volume.Open(Journal, new VolumeOptions { Create = Reported is null });
        Reported ??= new VolumeModel();
        _driver = new VolumeDriver(volume, Reported);
    }

    /// <summary>Ends the process and begins another; the system lives on.</summary>
    public void Reopen()
    {
        Reported = Driver.Reported;
        Driver.Volume.Dispose();
        _driver = null;
        Open();
    }

    private CrashPromise Promise() => _driver is null
        ? new CrashPromise(Reported ?? new(), Reported ?? new(), MayBeAbsent: Reported is null)
        : new CrashPromise(_driver.Reported, _driver.Attempted, MayBeAbsent: false);
}
