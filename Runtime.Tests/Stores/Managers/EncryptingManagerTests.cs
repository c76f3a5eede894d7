using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Stores.Managers;

namespace Runtime.Tests.Stores.Managers;

public class EncryptingManagerTests : KeepingContract
{
    private byte[] _key = [];

    private protected override string Manager => "encrypting";

    [SetUp]
    public void ChooseKey() => _key = [.. Enumerable.Range(1, EncryptingManager.KeySize).Select(i => (byte)i)];

    [Test]
    public void Another_key_is_refused_and_nothing_changes()
    {
        Save(seed: 1);
        byte[] right = _key;
        byte[] before = File.ReadAllBytes(Path.Combine(Directory["home"], "data"));
        _key = [.. right.Select(value => (byte)(value ^ 1))];
        using (Kernel kernel = Boot())
        {
            KernelException failure = AssertFails(() => Open(kernel), Status.PermissionDenied);
            Assert.That(failure.Message, Does.Contain("encrypted with another key"));
            AssertFails(
                () => kernel.OpenVersion(Name, kernel.History(Name)[0].Interval), Status.PermissionDenied);
            Assert.That(kernel.Containers.Select(record => record.Name), Does.Contain(Name));
        }

        _key = right;
        using Kernel again = Boot();
        AssertFilled(Open(again), seed: 1);
        Assert.That(before, Is.Not.Empty);
    }

    [Test]
    public void Nothing_that_was_written_stands_on_the_disk()
    {
        Save(seed: 1);
        byte[] data = File.ReadAllBytes(Path.Combine(Directory["home"], "data"));
        byte[] first = new byte[64];
        Pattern.FillPage(1000, first);
        byte[] filled = [.. Enumerable.Repeat((byte)(1 + 1 + 20), 64)];
        Assert.That(data.AsSpan().IndexOf(first), Is.Negative);
        Assert.That(data.AsSpan().IndexOf(filled), Is.Negative);
        Assert.That(data.AsSpan().IndexOf("KATYDLYR"u8), Is.Not.Negative, "the header is there");
    }

    [Test]
    public void Pages_that_were_changed_or_exchanged_below_fail_and_no_others()
    {
        Save(seed: 1);
        using (Kernel kernel = Boot())
        {
            string name = kernel.Containers.Single(record => record.Name.StartsWith(".layer/")).Name;
            using Container below = kernel.OpenContainer(name);

            // Page 1 is changed; pages 2 and 3 change places, with what the table says of them.
            below.View.Write(3 * 4096, (byte)(below.View.Read<byte>(3 * 4096) ^ 1));
            Exchange(below, 4 * 4096, 5 * 4096, 4096);
            Exchange(below, 4096 + (2 * 32), 4096 + (3 * 32), 32);
        }

        using Kernel again = Boot();
        Container container = Open(again);
        foreach (int page in new[] { 1, 2, 3 })
        {
            KernelException failure =
                AssertFails(() => container.View.Read<byte>(page * PageNumber.Size), Status.IoError);
            Assert.That(failure.InnerException!.Message, Does.Contain("its tag is wrong"));
        }

        Assert.That(container.View.Read<byte>(17 * PageNumber.Size), Is.EqualTo(1 + 1 + 17));
    }

    [Test]
    public void The_same_page_is_never_encrypted_the_same_way_twice()
    {
        using Kernel kernel = Boot();
        var seen = new HashSet<string>();
        using Container container = Open(kernel);
        for (int i = 0; i < 5; i++)
        {
            container.View.Write(0, (long)(i % 2));
            container.View.Write(4096, 1L);
            container.TakeSnapshot().WaitForDurable();
        }

        string name = kernel.Containers.Single(record => record.Name.StartsWith(".layer/")).Name;
        foreach (StateInterval interval in kernel.History(name).Select(kept => kept.Interval))
        {
            using Container version = kernel.OpenVersion(name, interval);
            byte[] page = new byte[4096];
            version.View.Read(3 * 4096, page);
            Assert.That(seen.Add(Convert.ToHexString(page)), $"{interval}");
        }
    }

    [Test]
    public void A_key_of_another_size_is_no_key() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new EncryptingManager(new byte[16]));

    private protected override void Configure(KernelOptions options)
    {
        ConfigureVolume(options);
        options.Managers.Add("encrypting", () => new EncryptingManager(_key));
    }

    private static void Exchange(Container container, long one, long other, int length)
    {
        byte[] first = new byte[length];
        byte[] second = new byte[length];
        container.View.Read(one, first);
        container.View.Read(other, second);
        container.View.Write(one, second);
        container.View.Write(other, first);
    }

    private void Save(int seed)
    {
        using Kernel kernel = Boot();
        Fill(Open(kernel), seed);
    }
}
