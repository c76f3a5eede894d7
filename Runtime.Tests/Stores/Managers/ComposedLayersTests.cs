using Runtime.Core;
using Runtime.Stores.Managers;

namespace Runtime.Tests.Stores.Managers;

/// <summary>Compressing over encrypting over a volume.</summary>
public class ComposedLayersTests : KeepingContract
{
    private protected override string Manager => "compressing";

    private protected override void Configure(KernelOptions options)
    {
        ConfigureVolume(options);
        options.Managers.Add("encrypting", () => new EncryptingManager(new byte[EncryptingManager.KeySize]));
        options.Managers.Add(
            "compressing", () => new CompressingManager(new CompressingOptions { Below = "encrypting" }));
    }
}
