using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Stores;

// Writes into a container, takes a snapshot, boots again, and finds what it wrote.
string volume = args.Length > 0 ? args[0] : Directory.CreateTempSubdirectory("katydid-hello-").FullName;
const int Offset = 4096;
const int Length = 65536;

await using (Kernel kernel = await Kernel.BootAsync(new KernelOptions { Volume = volume }))
{
    Container notes = await kernel.OpenContainerAsync("notes", length: 1L << 30);
    notes.View.Write(0, 42L); // a hardware fault, served by C#
    using (Lease lease = notes.View.Lease(Offset, Length, Access.Write))
    {
        lease.Span.Fill(7);
    }

    Snapshot snapshot = await notes.SnapshotAsync(); // the cut is made
    await snapshot.WaitForDurableAsync(); // and now survives power loss
    Console.WriteLine($"wrote {snapshot.Info.PagesChanged} pages in interval {snapshot.Interval}");
}

await using (Kernel kernel = await Kernel.BootAsync(new KernelOptions { Volume = volume }))
{
    Container notes = await kernel.OpenContainerAsync("notes");
    Require(notes.View.Read<long>(0) == 42, "the value");
    using (Lease lease = await notes.View.LeaseAsync(Offset, Length, Access.Read))
    {
        Require(lease.Span.IndexOfAnyExcept((byte)7) < 0, "the leased range");
    }

    Require(notes.View.Read<byte>(Offset + Length) == 0, "the zero after it");
    Require(kernel.History("notes").Count > 0, "the history");
    Console.WriteLine($"read it back with {notes.Statistics.ReadFaults} faults");
}

Directory.Delete(volume, recursive: true);
Console.WriteLine("ok");

static void Require(bool condition, string what)
{
    if (!condition)
    {
        throw new InvalidOperationException($"{what} did not come back");
    }
}
