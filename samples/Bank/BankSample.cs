using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Loci;
using Runtime.Core.Snapshots;
using Runtime.Core.Tracing;
using Runtime.Stores;

namespace Bank;

/// <summary>A bank of four containers that survives restarts: data, code's names and capabilities.</summary>
internal static class BankSample
{
    private const long OpeningBalance = 100;
    private const int CustomerCount = 16;
    private const int TransfersEach = 250;

    /// <summary>Opens the bank in a volume, or founds it, has customers move money and one intrude.</summary>
    /// <returns>Whether all the money is there and the intruder got nothing.</returns>
    internal static async Task<bool> RunAsync(
        string volume, TextWriter output, ManagerTrace? trace = null, CancellationToken cancellationToken = default)
    {
        await using Kernel kernel = await Kernel.BootAsync(Options(volume, trace), cancellationToken);
        Container accounts = await kernel.OpenContainerAsync(
            Accounts.Name, length: Accounts.Count * sizeof(long), cancellationToken: cancellationToken);
        Container ledger = await kernel.OpenContainerAsync(
            Ledger.Name, length: 1 << 30, cancellationToken: cancellationToken);
        Container teller = await kernel.OpenContainerAsync(
            Teller.Name, length: PageNumber.Size, cancellationToken: cancellationToken);
        await kernel.OpenContainerAsync(
            Customers.Name, length: PageNumber.Size, cancellationToken: cancellationToken);

        bool isNew = accounts.InvocationPoint is null;
        if (isNew)
        {
            Found(accounts, ledger, teller);
        }

        long before = Total(accounts);
        int linesBefore = Ledger.Read(ledger).Count();
        output.WriteLine(isNew
            ? $"a new bank: {Accounts.Count} accounts, {before} in all"
            : $"the bank was there: {linesBefore} transfers so far, {before} in all");

        await PayAsync(kernel, teller, cancellationToken);
        long after = Total(accounts);
        int made = Ledger.Read(ledger).Count() - linesBefore;
        output.WriteLine($"{CustomerCount} customers asked for {CustomerCount * TransfersEach} transfers, "
            + $"{made} were made, {after} in all");

        byte[] told = await IntrudeAsync(kernel, accounts, teller, cancellationToken);
        output.WriteLine("one tried what it may not:");
        foreach (string line in System.Text.Encoding.UTF8.GetString(told).Split('\n'))
        {
            output.WriteLine($"  {line}");
        }

        // One instant for both, so what the ledger says and what the accounts hold fit together.
        IReadOnlyList<Snapshot> snapshots = await kernel.SnapshotAsync([accounts, ledger], cancellationToken);
        await Task.WhenAll(snapshots.Select(snapshot => snapshot.WaitForDurableAsync(cancellationToken)));
        bool isSound = before == after && Total(accounts) == after && made > 0;
        output.WriteLine(isSound ? "all the money is there" : "money is missing");
        return isSound;
    }

    private static KernelOptions Options(string volume, ManagerTrace? trace)
    {
        var options = new KernelOptions { Volume = volume, Trace = trace };
        options.Entries.Add(Accounts.Entry, Accounts.Serve);
        options.Entries.Add(Ledger.Entry, Ledger.Serve);
        options.Entries.Add(Teller.Entry, Teller.Serve);
        options.Entries.Add(Customers.PayEntry, Customers.Pay);
        options.Entries.AddDirect(Customers.IntrudeEntry, Customers.Intrude);
        return options;
    }

    /// <summary>Sets the code, fills the accounts, and gives the teller just what it needs.</summary>
    private static void Found(Container accounts, Container ledger, Container teller)
    {
        for (int account = 0; account < Accounts.Count; account++)
        {
            accounts.View.Write(account * sizeof(long), OpeningBalance);
        }

        accounts.SetInvocationPoint(Accounts.Entry);
        ledger.SetInvocationPoint(Ledger.Entry);
        teller.SetInvocationPoint(Teller.Entry);

        using Capability allAccounts = accounts.GetCapability();
        using Capability moving = allAccounts.Derive(KernelRights.Invoke, (uint)(Rights.Withdraw | Rights.Deposit));
        teller.Grant(Teller.Accounts.Index, moving);

        using Capability wholeLedger = ledger.GetCapability();
        using Capability appending = wholeLedger.Derive(KernelRights.Invoke, (uint)Rights.Append);
        teller.Grant(Teller.Ledger.Index, appending);
    }

    private static async Task PayAsync(Kernel kernel, Container teller, CancellationToken cancellationToken)
    {
        using Capability wholeTeller = teller.GetCapability();
        using Capability revocable = wholeTeller.Derive(
            KernelRights.Invoke | KernelRights.Derive | KernelRights.Destroy, (uint)Rights.Transfer);
        using Capability transferring = revocable.Derive(KernelRights.Invoke);
        var customers = new List<Locus>();
        for (int i = 0; i < CustomerCount; i++)
        {
            Locus customer = kernel.CreateLocus(
                Customers.Name, Customers.PayEntry, BitConverter.GetBytes(TransfersEach), isSuspended: true);
            customer.Grant(Customers.Teller.Index, transferring);
            customer.Resume();
            customers.Add(customer);
        }

        await Task.WhenAll(customers.Select(customer => customer.Completion)).WaitAsync(cancellationToken);
        revocable.DestroyGroup();                                   // whoever kept a copy of what it gave has nothing
    }

    private static async Task<byte[]> IntrudeAsync(
        Kernel kernel, Container accounts, Container teller, CancellationToken cancellationToken)
    {
        using Capability wholeTeller = teller.GetCapability();
        using Capability allAccounts = accounts.GetCapability();
        using Capability transferring = wholeTeller.Derive(KernelRights.Invoke, (uint)Rights.Transfer);
        using Capability looking = allAccounts.Derive(KernelRights.Invoke, (uint)Rights.SeeBalance);
        Locus intruder = kernel.CreateLocus(Customers.Name, Customers.IntrudeEntry, isSuspended: true);
        intruder.Grant(Customers.Teller.Index, transferring);
        intruder.Grant(Customers.Balances.Index, looking);
        intruder.Resume();
        return await intruder.Completion.WaitAsync(cancellationToken);
    }

    private static long Total(Container accounts) =>
        Enumerable.Range(0, Accounts.Count).Sum(account => accounts.View.Read<long>(account * sizeof(long)));
}
