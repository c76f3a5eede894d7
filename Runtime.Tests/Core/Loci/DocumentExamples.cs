using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Disks;
using Runtime.Core.Loci;

namespace Runtime.Tests.Core.Loci;

/// <summary>The examples of docs/loci-and-capabilities.md, which <see cref="DocumentExamplesTests"/> runs.</summary>
internal static class DocumentExamples
{
    internal static void Register(KernelOptions options)
    {
        options.Entries.Add("greeter/1", Greet);
        options.Entries.Add("counter/1", Count);
        options.Entries.AddDirect("visitor/1", Visit);
    }

    internal static Step Greet(StepContext locus)
    {
        Span<byte> greeting = [.. "hello "u8, .. locus.InArguments];
        return locus.Return(greeting);
    }

    internal static Step Count(StepContext locus)
    {
        switch (locus.ResumePoint)
        {
            case 0:                                          // where an invocation begins
                locus.Registers[0]++;
                return locus.Continue(at: 1);                // the next step of the same code
            case 1:
                return locus.Invoke(CapRef.Container(0), "you"u8, at: 2);
            default:                                         // back from the greeter, or it could not be invoked
                return locus.Return(locus.Status == Status.Success ? locus.OutArguments : default);
        }
    }

    internal static void Visit(DirectContext locus)
    {
        ReadOnlySpan<byte> greeting = locus.Invoke(CapRef.Container(0), "you"u8);
        locus.Return(greeting);
    }

    internal static string FromOutside(Kernel kernel)
    {
        Container greeter = kernel.OpenContainer("greeter", length: 1 << 20);
        greeter.SetInvocationPoint("greeter/1");
        using Capability all = greeter.GetCapability();
        byte[] reply = kernel.Invoke(all, "world"u8);        // "hello world"

        return System.Text.Encoding.UTF8.GetString(reply);
    }

    internal static byte[] Hosted(Kernel kernel, Capability greeter)
    {
        Container home = kernel.OpenContainer("home", length: 1 << 20);
        home.Grant(slot: 0, greeter);                        // for every locus that executes in it
        Locus locus = kernel.CreateLocus("home", start: "visitor/1", isSuspended: true);
        locus.Resume();
        return locus.Completion.Result;
    }

    internal static void Attenuate(Capability all)
    {
        using Capability revocable = all.Derive(KernelRights.Invoke | KernelRights.Derive | KernelRights.Destroy);
        using Capability lent = revocable.Derive(KernelRights.Invoke, userRights: 1);
        revocable.DestroyGroup();                            // lent, and every copy of it, is worth nothing now
    }

    internal static Status Copy(SystemCalls calls) =>
        calls.CapCopy(source: CapRef.Container(3), destination: CapRef.Locus(0));

    internal static Status Derive(SystemCalls calls) =>
        calls.CapDerive(CapRef.Locus(0), destination: CapRef.Locus(1), KernelRights.Invoke, userRights: 0b101);

    internal static Status Revoke(SystemCalls calls) =>
        calls.GroupDestroy(CapRef.Locus(0));

    internal static Status Create(SystemCalls calls) =>
        calls.ContainerCreate(result: CapRef.Locus(2), name: "scratch", length: 1 << 20);

    internal static Status Destroy(SystemCalls calls) =>
        calls.ContainerDestroy(CapRef.Locus(2));

    internal static Status SetInvoke(SystemCalls calls) =>
        calls.ContainerSetInvoke(CapRef.Locus(2), entry: "greeter/1");

    internal static Status GetInvoke(SystemCalls calls) =>
        calls.ContainerGetInvoke(CapRef.Locus(2), out string? entry);

    internal static Status RemoveInvoke(SystemCalls calls) =>
        calls.ContainerRemoveInvoke(CapRef.Locus(2));

    internal static Status Cut(SystemCalls calls) =>
        calls.SnapshotRequest(CapRef.Container(5));

    internal static Status Request(SystemCalls calls) =>
        calls.ManageRequest(manager: CapRef.Container(6), container: CapRef.Locus(2), out bool success);

    internal static void HandOver(SystemCalls calls)
    {
        calls.RemoveManager(CapRef.Locus(2));
        calls.SetManager(CapRef.Locus(2), manager: CapRef.Container(7), token: null);
    }

    internal static Status MapRoot(SystemCalls calls) =>
        calls.MapRootPage(CapRef.Container(7), offset: 0, out bool success);

    internal static Status GetRoot(SystemCalls calls) =>
        calls.GetRootPage(CapRef.Container(7), out ulong offset);

    internal static Status OpenDisk(SystemCalls calls) =>
        calls.DiskOpen(result: CapRef.Locus(8), disk: "tables");

    internal static Status ReadBlocks(SystemCalls calls, byte[] block) =>
        calls.DiskReadBlocks(CapRef.Locus(8), first: new BlockNumber(3), block);

    internal static Status WriteBlocks(SystemCalls calls, byte[] block) =>
        calls.DiskWriteBlocks(CapRef.Locus(8), first: new BlockNumber(3), block);

    internal static Status FlushDisk(SystemCalls calls) =>
        calls.DiskFlush(CapRef.Locus(8));

    internal static Status CloseDisk(SystemCalls calls) =>
        calls.DiskClose(CapRef.Locus(8));

    internal static Status Map(SystemCalls calls) =>
        calls.ContainerMap(host: CapRef.Container(3), 0, source: CapRef.Locus(2), 0, length: 64 << 10, Access.Write);

    internal static Status Unmap(SystemCalls calls) =>
        calls.ContainerUnmap(host: CapRef.Container(3), hostOffset: 0, length: 64 << 10);

    internal static Status MapPrivately(SystemCalls calls) =>
        calls.LocusMap(source: CapRef.Locus(2), hostOffset: 0, sourceOffset: 0, length: 64 << 10, Access.Read);

    internal static Status UnmapPrivately(SystemCalls calls) =>
        calls.LocusUnmap(hostOffset: 0, length: 64 << 10);

    internal static Status Start(SystemCalls calls) =>
        calls.LocusCreate(result: CapRef.Locus(4), start: "counter/1", isSuspended: true);

    internal static Status Suspend(SystemCalls calls) =>
        calls.LocusSuspend(CapRef.Locus(4));

    internal static Status Resume(SystemCalls calls) =>
        calls.LocusResume(CapRef.Locus(4));

    internal static Status End(SystemCalls calls) =>
        calls.LocusDestroy(CapRef.Locus(4));

    internal static void Caller(DirectContext locus)
    {
        SystemCalls calls = locus.Calls;
        locus.View.Write(0, 42L);                            // the block lies in the container where the locus executes
        Status status = calls.KmoInvoke(CapRef.Container(0), nested: true, args: 0, argsSize: 8);
        if (status == Status.Success && calls.GetOutSize() == 8)
        {
            calls.GetOutArgs(destination: 8, offset: 0, length: 8);
        }
    }

    internal static Step Callee(StepContext locus)
    {
        SystemCalls calls = locus.Calls;
        calls.GetInArgs(destination: 0, offset: 0, length: calls.GetInSize());
        locus.View.Write(0, locus.View.Read<long>(0) + 1);
        Status status = calls.KmoReturn(args: 0, argsSize: 8);   // Accepted: the return is made when the step is over
        return locus.Continue();
    }
}
