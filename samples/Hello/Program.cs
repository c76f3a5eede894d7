using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Stores;

string volume = args.Length > 0 ? args[0] : "data";

await using (Kernel kernel = await Kernel.BootAsync(new KernelOptions { Volume = volume }))
{
    Container notes = await kernel.OpenContainerAsync("notes", length: 1L << 40);
    notes.View.Write(0, 42L); // a hardware fault, served by C#
    using (Lease lease = notes.View.Lease(4096, 65536, Access.Write))
    {
        lease.Span.Fill(7); // an ordinary span: inside a lease nothing faults
    }

    Snapshot snapshot = await notes.SnapshotAsync(); // the cut is made
    await snapshot.WaitForDurableAsync(); // and survives power loss
}

await using (Kernel kernel = await Kernel.BootAsync(new KernelOptions { Volume = volume }))
{
    Container notes = await kernel.OpenContainerAsync("notes");
    long answer = notes.View.Read<long>(0); // a fault again: the page comes from the volume
    byte seven = notes.View.Read<byte>(4096 + 65535);
    Console.WriteLine($"{answer} {seven}, {kernel.History("notes").Count} version");
}
