using System.Runtime.InteropServices;
using NUnit.Framework;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Native.Faults;

/// <summary>
/// The third and fifth lines of DESIGN 5's table: native code with the mark of a native section and without.
/// </summary>
public sealed unsafe class NativeCodeTests(TrapEngine engine) : TrapContract(engine)
{
    private static byte* s_page;
    private static string s_seen = "";

    [Test]
    public void Native_code_in_a_native_section_is_served_on_the_faulting_thread()
    {
        using TestPager pager = Pager(ThreadInFirstByte);
        using (Trap.NativeSection())
        {
            Assert.That(Helpers.kh_read(pager.Address), Is.EqualTo(1));
        }

        Assert.That(pager.LastFault.Way, Is.EqualTo(FaultWay.NativeSection));
    }

    [Test]
    public void Native_code_without_the_mark_is_served_by_a_pager_thread()
    {
        using TestPager pager = Pager(ThreadInFirstByte);
        Assert.That(Helpers.kh_read(pager.Address), Is.EqualTo(2));
        Assert.That(pager.LastFault.Way, Is.EqualTo(FaultWay.UnmarkedNative));
    }

    [Test]
    public void The_mark_ends_with_its_section()
    {
        using TestPager pager = Pager(ThreadInFirstByte);
        using (Trap.NativeSection())
        {
        }

        Assert.That(Helpers.kh_read(pager.Address), Is.EqualTo(2));
    }

    [Test]
    public void The_mark_does_not_make_managed_code_native()
    {
        using TestPager pager = Pager(ThreadInFirstByte);
        using (Trap.NativeSection())
        {
            Assert.That(Raw.Read(pager.Address), Is.EqualTo(2));
        }

        Assert.That(pager.LastFault.Way, Is.EqualTo(FaultWay.Managed));
    }

    [Test]
    public void The_mark_does_not_count_for_the_runtime_itself()
    {
        // The runtime exports few functions that read where they are told; this one reads a GUID.
        nint runtime = NativeLibrary.Load(
            Path.Combine(
                RuntimeEnvironment.GetRuntimeDirectory(),
                OperatingSystem.IsLinux() ? "libcoreclr.so" : "coreclr.dll"));
        var getDispenser =
            (delegate* unmanaged<byte*, byte*, byte*, int>)NativeLibrary.GetExport(runtime, "MetaDataGetDispenser");
        using TestPager pager = Pager(ThreadInFirstByte);
        using (Trap.NativeSection())
        {
            byte* result = stackalloc byte[8];
            Assert.That(getDispenser(pager.Address, pager.Address, result), Is.Negative);
        }

        Assert.That(pager.LastFault.Way, Is.EqualTo(FaultWay.UnmarkedNative));
    }

    /// <summary>"The module of an instruction is found" also of a library that came after ours and goes.</summary>
    [Test]
    public void Code_of_a_library_that_is_loaded_later_is_native()
    {
        using TestPager pager = Pager();
        using var directory = new TemporaryDirectory();
        string extension = OperatingSystem.IsWindows() ? ".dll" : ".so";
        string original = Directory.EnumerateFiles(AppContext.BaseDirectory, "*katydid_helpers" + extension).Single();
        byte* address = pager.Address;
        for (int i = 0; i < 5; i++)
        {
            string copy = directory[$"later{i}{extension}"];
            File.Copy(original, copy);
            nint library = NativeLibrary.Load(copy);
            var read = (delegate* unmanaged<byte*, byte>)NativeLibrary.GetExport(library, nameof(Helpers.kh_read));
            using (Trap.NativeSection())
            {
                Assert.That(read(address += Section.PageSize), Is.Zero);
            }

            Assert.That(pager.LastFault.Way, Is.EqualTo(FaultWay.NativeSection));
            Assert.That(read(address += Section.PageSize), Is.Zero);
            Assert.That(pager.LastFault.Way, Is.EqualTo(FaultWay.UnmarkedNative));
            NativeLibrary.Free(library);
        }
    }

    [Test]
    public void A_native_lock_held_at_the_fault_is_still_held_in_the_upcall()
    {
        int heldByThread = 0;
        using TestPager pager = Pager((pager, page, access) =>
        {
            heldByThread += Helpers.kh_is_locked();
            return pager.Grant(page, access);
        });
        using (Trap.NativeSection())
        {
            Helpers.kh_read_under_lock(pager.Address);
        }

        Assert.That((pager.Upcalls, heldByThread, Helpers.kh_is_locked()), Is.EqualTo((1, 1, 0)));
    }

    [Test]
    public void A_callback_under_a_managed_section_clears_the_mark_and_restores_it()
    {
        using TestPager pager = Pager(ThreadInFirstByte);
        s_page = pager.Address;
        s_seen = "";
        using (Trap.NativeSection())
        {
            Helpers.kh_call(&InCallback);
            s_seen += Helpers.kh_read(s_page + 2 * Section.PageSize);
        }

        Assert.That(s_seen, Is.EqualTo("2 2 1"));
    }

    [Test]
    public void Unmarked_native_code_is_retried_until_the_handler_answers_and_never_rescued()
    {
        // Collections do not wait for native code, so nothing is stalled, however long the handler takes.
        using TestPager pager = Pager((pager, page, access) =>
        {
            for (int i = 0; i < 5; i++)
            {
                GC.Collect();
                Thread.Sleep(100);
            }

            return pager.Grant(page, access);
        });
        TrapStatistics before = Trap.Statistics;

        Assert.That(Helpers.kh_read(pager.Address), Is.Zero);

        Assert.That(Trap.Statistics.Retries, Is.GreaterThan(before.Retries));
        Assert.That(Trap.Statistics.Rescues, Is.EqualTo(before.Rescues));
        Assert.That(Trap.Statistics.UnmarkedNativeFaults - before.UnmarkedNativeFaults, Is.EqualTo(1));
        Assert.That(pager.Upcalls, Is.EqualTo(1));
    }

    [Test]
    public void A_native_section_may_nest()
    {
        using TestPager pager = Pager(ThreadInFirstByte);
        using (Trap.NativeSection())
        {
            using (Trap.NativeSection())
            {
            }

            Assert.That(Helpers.kh_read(pager.Address), Is.EqualTo(1));
        }
    }

    [UnmanagedCallersOnly]
    private static void InCallback()
    {
        using (Trap.ManagedSection())
        {
            s_seen += $"{Raw.Read(s_page)} {Helpers.kh_read(s_page + Section.PageSize)} ";
        }
    }

    /// <summary>A handler that writes 1 into the page if it runs on the test's thread, and 2 if elsewhere.</summary>
    private static Func<TestPager, long, FaultAccess, int> ThreadInFirstByte
    {
        get
        {
            ulong tester = Helpers.kh_thread_id();
            return (pager, page, access) =>
            {
                pager.Section.TryPopulate(page, 1, out _);
                *pager.Section.PageAddress(page) = (byte)(Helpers.kh_thread_id() == tester ? 1 : 2);
                return pager.Grant(page, access);
            };
        }
    }
}
