using System.IO.MemoryMappedFiles;
using NUnit.Framework;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Native.Faults.Linux;

/// <summary>
/// A SIGBUS that is not ours, of a file cut short under its mapping: left to the handler that was there before.
/// </summary>
[LinuxOnly]
public sealed unsafe class ForeignBusErrorTests(TrapEngine engine) : TrapContract(engine)
{
    [Test]
    public void A_file_cut_short_under_native_code_ends_the_process_as_without_us() => AssertSame(ReadsNatively);

    [Test]
    public void A_file_cut_short_under_managed_code_ends_the_process_as_without_us() => AssertSame(ReadsRaw);

    private void AssertSame(Func<string[], int> die)
    {
        ChildExit without = ChildProcess.Run(die);
        ChildExit with = ChildProcess.Run(die, Engine.Name);
        Assert.That(with.Code, Is.EqualTo(without.Code), with.Error);
        Assert.That(with.Code, Is.GreaterThan(128));
        Assert.That((with.Output, without.Output), Is.EqualTo(("touching\n", "touching\n")));
        Assert.That(with.Error.Split('\n')[0], Is.EqualTo(without.Error.Split('\n')[0]));
    }

    [Child]
    private static int ReadsNatively(string[] args) => Touch(args, static address => Helpers.kh_read(address));

    [Child]
    private static int ReadsRaw(string[] args) => Touch(args, static address => Raw.Read(address));

    private delegate byte Read(byte* address);

    private static int Touch(string[] args, Read read)
    {
        using TestPager? pager = args.Length == 0 ? null : new TestPager(Engines.Named(args[0]), Arena.UnitSize);
        if (pager is not null)
        {
            Helpers.kh_write(pager.Address, 1);
            _ = Accessors.Store8(pager.Address + Section.PageSize, 1);
        }

        using var directory = new TemporaryDirectory();
        using var file = new FileStream(directory["short"], FileMode.CreateNew);
        file.SetLength(2 * Section.PageSize);
        using var mapped = MemoryMappedFile.CreateFromFile(
            file, null, 0, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        using MemoryMappedViewAccessor view = mapped.CreateViewAccessor();
        byte* address = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref address);
        _ = read(address + Section.PageSize);
        file.SetLength(0);
        Console.WriteLine("touching");
        return read(address + Section.PageSize);
    }
}
