using Runtime.Core;

namespace Runtime.Tests.Stores.Managers;

public class SnapshottingContractTests : KeepingContract
{
    private protected override string Manager => "snapshotting";

    private protected override void Configure(KernelOptions options) => ConfigureVolume(options);
}
