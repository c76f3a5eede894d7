using System.Runtime.InteropServices;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Disks;
using Runtime.Stores;
using Runtime.Stores.Managers;

namespace Runtime.Tests.Stores.Managers;

/// <summary>The examples of docs/managers, which <see cref="ManagerExamplesTests"/> runs.</summary>
internal static class ManagerExamples
{
    internal static void ZeroFill(KernelOptions options)
    {
        options.Managers.Add("zero-fill", () => new ZeroFillManager());
    }

    internal static void Scratch(Kernel kernel)
    {
        using Container scratch = kernel.OpenContainer("scratch", length: 1L << 40, manager: "zero-fill");
        scratch.View.Write(1L << 39, 42L);                   // the only page that takes memory
    }

    internal static void Files(KernelOptions options)
    {
        options.Managers.Add("file", () => new FileManager(root: "/srv/maps"));
    }

    internal static void Logs(KernelOptions options)
    {
        options.Managers.Add("log", () => new FileManager(name => Path.Combine("/var/log", name + ".log")));
    }

    internal static long Map(Kernel kernel)
    {
        using Container map = kernel.OpenContainer("europe/alps.bin", length: 0, manager: "file");
        long magic = map.View.Read<long>(0);                 // the container is as long as the file
        return magic;
    }

    internal static void Web(KernelOptions options)
    {
        options.Managers.Add("web", () => new HttpRangeManager(new Uri("https://example.org/data/")));
    }

    internal static long Remote(Kernel kernel)
    {
        using Container remote = kernel.OpenContainer("2024/readings.bin", length: 0, manager: "web");
        long first = remote.View.Read<long>(0);              // one request for the 64 KiB around it
        return first;
    }

    internal static void Squares(KernelOptions options)
    {
        options.Managers.Add("squares", () => new GeneratedManager((container, offset, destination) =>
        {
            Span<long> numbers = MemoryMarshal.Cast<byte, long>(destination);
            for (int i = 0; i < numbers.Length; i++)
            {
                long number = (offset / sizeof(long)) + i;
                numbers[i] = number * number;
            }
        }));
    }

    internal static long Square(Kernel kernel)
    {
        using Container squares = kernel.OpenContainer("squares", length: 8L << 30, manager: "squares");
        long square = squares.View.Read<long>(1_000_000 * sizeof(long));
        return square;
    }

    internal static void Compressing(KernelOptions options, string directory)
    {
        options.Volume = directory;
        options.Managers.Add("compressing", () => new CompressingManager());
    }

    internal static void Log(Kernel kernel)
    {
        using Container log = kernel.OpenContainer("log", length: 1 << 30, manager: "compressing");
        log.View.Write(0, "many lines that are much alike"u8);
        log.TakeSnapshot().WaitForDurable();
    }

    internal static void Both(KernelOptions options, string directory, byte[] key)
    {
        options.Volume = directory;
        options.Managers.Add("encrypting", () => new EncryptingManager(key));
        var over = new CompressingOptions { Below = "encrypting" };
        options.Managers.Add("compressing", () => new CompressingManager(over));
    }

    internal static void Encrypting(KernelOptions options, string directory, byte[] key)
    {
        options.Volume = directory;
        options.Managers.Add("encrypting", () => new EncryptingManager(key));
    }

    internal static void Diary(Kernel kernel)
    {
        using Container diary = kernel.OpenContainer("diary", length: 1 << 30, manager: "encrypting");
        diary.View.Write(0, "nobody's business"u8);
        diary.TakeSnapshot().WaitForDurable();
    }

    internal static void SelfManaging(KernelOptions options, IDisk disk)
    {
        options.Managers.Add("self", () => new SelfManagingManager(disk));
    }

    internal static void Notes(Kernel kernel)
    {
        using Container notes = kernel.OpenContainer("notes", length: 1 << 30, manager: "self");
        notes.View.Write(0, 42L);
        notes.TakeSnapshot().WaitForDurable();               // pages, tables and root page: all of it, or nothing
    }
}
