using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Stores.Managers;

namespace Runtime.Tests.Stores.Managers;

public class GeneratedManagerTests : ManagerContract
{
    private PageGenerator? _generate;

    private protected override bool IsReadOnly => true;

    private protected override bool AllocatesNothing => true;

    [SetUp]
    public void Forget() => _generate = null;

    [Test]
    public void What_the_function_throws_fails_that_fault_and_no_other()
    {
        _generate = static (_, offset, destination) =>
        {
            if (offset == 2 * PageNumber.Size)
            {
                throw new InvalidDataException("not this one");
            }

            Pattern.Fill(offset, destination);
        };
        using Kernel kernel = Boot();
        Container container = Open(kernel);
        KernelException failure =
            AssertFails(() => container.View.Read<byte>(2 * PageNumber.Size), Status.ManagerFailed);
        Assert.That(failure.InnerException, Is.TypeOf<InvalidDataException>());
        AssertPage(container, 1, "before");
        AssertPage(container, 3, "behind");
        _generate = null;
        AssertPage(container, 2, "better now");
    }

    [Test]
    public void The_function_learns_the_name_and_gets_only_bytes_that_are_there()
    {
        var asked = new List<(string Name, long Offset, int Length)>();
        _generate = (name, offset, destination) => asked.Add((name, offset, destination.Length));
        using Kernel kernel = Boot();
        Container container = Open(kernel);
        container.View.Read<byte>(0);
        container.View.Read<byte>(Length - 1);
        Assert.That(asked, Is.EqualTo([(Name, 0L, 4096), (Name, 300L * 4096, 1234)]));
    }

    private protected override void Expect(int page, Span<byte> content) => Pattern.FillPage(page, content);

    private protected override void Configure(KernelOptions options) => options.Managers.Add(
        "generated",
        () => new GeneratedManager((name, offset, destination) =>
        {
            if (_generate is { } generate)
            {
                generate(name, offset, destination);
            }
            else
            {
                Pattern.Fill(offset, destination);
            }
        }));

    private protected override Container Open(Kernel kernel) => kernel.OpenContainer(Name, Length, "generated");
}
