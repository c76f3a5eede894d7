using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Stores.Disks;
using Runtime.Stores.Managers;
using Runtime.Stores.Volumes;

namespace Runtime.Tests.Stores.Managers;

public class SelfManagingContractTests : ManagerContract
{
    private Volume? _volume;
    private FileDisk? _disk;

    private protected override bool IsReadOnly => false;

    [TearDown]
    public void CloseDisk() => _disk?.Dispose();

    private protected override void Configure(KernelOptions options)
    {
        options.OpenVolume =
            () => _volume = Volume.Open(Directory["home"], new VolumeOptions { Create = true });
        options.Managers.Add("self", () => new SelfManagingManager(_disk = FileDisk.Open(Directory["disk"], true)));
    }

    private protected override Container Open(Kernel kernel) => kernel.OpenContainer(Name, Length, "self");
}
