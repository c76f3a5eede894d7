using System.Text.Json;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Loci;
using Runtime.Stores;

namespace Runtime.Tests.Tool.Verbs;

/// <summary>The bank, and what <c>capabilities</c> and <c>loci</c> show.</summary>
public class SampleVerbTests : VolumeTests
{
    [Test]
    public async Task The_bank_keeps_its_money_and_its_capabilities_and_gives_an_intruder_nothing()
    {
        string first = (await RunToSuccessAsync("sample", "bank")).Output;
        string second = (await RunToSuccessAsync("sample", "bank")).Output;

        Assert.Multiple(() =>
        {
            Assert.That(first, Does.StartWith("a new bank: 1000 accounts, 100000 in all\n"));
            Assert.That(second, Does.StartWith("the bank was there: "));
            foreach (string output in new[] { first, second })
            {
                Assert.That(output, Does.EndWith("all the money is there\n"));
                Assert.That(output, Does.Contain("withdraw with a capability for looking: NotAllowed\n"));
                Assert.That(output, Does.Contain("look with a capability for looking: Done\n"));
                Assert.That(output, Does.Contain("use the teller's own capability: InvalidCapRef\n"));
                Assert.That(output, Does.Contain("derive a stronger one: PermissionDenied\n"));
                Assert.That(output, Does.Contain("guess slots: InvalidCapRef\n"));
                Assert.That(output, Does.Contain("destroy the accounts: PermissionDenied\n"));
                Assert.That(output, Does.Contain("replace their code: PermissionDenied\n"));
            }
        });
    }

    [Test]
    public async Task Its_capabilities_can_be_seen()
    {
        await RunToSuccessAsync("sample", "bank");

        string trees = (await RunToSuccessAsync("capabilities")).Output;
        Assert.That(trees, Does.Contain("bank.teller: bank.teller/1"));
        Assert.That(trees, Does.Contain("0: Container bank.accounts, group "));
        Assert.That(trees, Does.Contain("(Invoke, user 00000006)"));

        JsonElement[] containers = [.. (await RunToJsonAsync("capabilities")).EnumerateArray()];
        JsonElement accounts = containers.Single(each => each.GetProperty("container").GetString() == "bank.accounts");
        JsonElement[] groups = [.. accounts.GetProperty("groups").EnumerateArray()];
        Assert.That(groups[0].GetProperty("number").GetInt64(), Is.Zero);
        Assert.That(groups[1].GetProperty("parent").GetInt64(), Is.Zero);
    }

    [Test]
    public async Task Loci_that_rest_can_be_seen()
    {
        await RunToSuccessAsync("sample", "bank");
        Assert.That((await RunToSuccessAsync("loci")).Output, Is.EqualTo("no loci\n"));

        var options = new KernelOptions { Volume = Volume };
        options.Entries.Add("rest/1", locus => locus.Return());
        using (Kernel kernel = Kernel.Boot(options))
        {
            Container home = kernel.OpenContainer("bank.customers");
            Locus locus = kernel.CreateLocus(home.Name, "rest/1", [1, 2, 3], isSuspended: true);
            using Capability capability = home.GetCapability();
            locus.Grant(4, capability);
        }

        string tree = (await RunToSuccessAsync("loci")).Output;
        Assert.That(tree, Does.Contain("bank.customers: rest/1 at 0, passed 3 bytes"));
        Assert.That(tree, Does.Contain("4: Container bank.customers, group 0 (all rights"));
        JsonElement[] loci = [.. (await RunToJsonAsync("loci")).EnumerateArray()];
        Assert.That(loci.Single().GetProperty("stack")[0].GetProperty("entry").GetString(), Is.EqualTo("rest/1"));
    }

    [Test]
    public async Task Without_a_volume_there_is_nothing_to_show()
    {
        string line = $"there is no volume at '{Volume}'; 'katydid import' creates one";
        await RunToRefusalAsync(line, "capabilities");
        await RunToRefusalAsync(line, "loci");
    }
}
