using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Loci;

namespace Bank;

/// <summary>
/// Those who want something of the bank: loci in a container of their own, with what they were granted.
/// </summary>
internal static class Customers
{
    internal const string Name = "bank.customers";
    internal const string PayEntry = "bank.customers.pay/1";
    internal const string IntrudeEntry = "bank.customers.intrude/1";

    /// <summary>Every customer has this: to ask the teller for transfers, and nothing else.</summary>
    internal static readonly CapRef Teller = CapRef.Locus(0);

    /// <summary>The intruder was shown balances, too.</summary>
    internal static readonly CapRef Balances = CapRef.Locus(1);

    /// <summary>Makes as many transfers as its block says, in step style; the register counts them.</summary>
    internal static Step Pay(StepContext locus)
    {
        const int Left = 0, Seed = 1;
        if (locus.ResumePoint == 0)
        {
            locus.Registers[Left] = BitConverter.ToUInt32(locus.InArguments);
            locus.Registers[Seed] = locus.Id;
        }

        if (locus.Registers[Left]-- == 0)
        {
            return locus.Return();
        }

        ulong random = locus.Registers[Seed] = (locus.Registers[Seed] * 6364136223846793005) + 1442695040888963407;
        var transfer = new Transfer(
            (int)((random >> 33) % Accounts.Count), (int)((random >> 43) % Accounts.Count), (long)(random >> 57));
        return locus.Invoke(Teller, transfer.AsBlock(), at: 1);
    }

    /// <summary>Tries, in direct style, what it may not, and reports what it was told.</summary>
    internal static void Intrude(DirectContext locus)
    {
        var told = new List<string>
        {
            $"withdraw with a capability for looking: {Ask(locus, Rights.Withdraw)}",
            $"look with a capability for looking: {Ask(locus, Rights.SeeBalance)}",
            $"use the teller's own capability: {locus.Calls.KmoInvoke(Bank.Teller.Accounts, nested: true, 0, 0)}",
            $"derive a stronger one: {Amplify(locus)}",
            $"guess slots: {Guess(locus)}",
            $"destroy the accounts: {locus.Calls.ContainerDestroy(Balances)}",
            $"replace their code: {locus.Calls.ContainerSetInvoke(Balances, IntrudeEntry)}",
        };
        locus.Return(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', told)));
    }

    private static Answer Ask(DirectContext locus, Rights operation) =>
        Reply.From(locus.Invoke(Balances, new AccountRequest(operation, Account: 7, Amount: 1).AsBlock())).Answer;

    private static string Amplify(DirectContext locus)
    {
        CapRef stronger = CapRef.Locus(9);
        Status status = locus.Calls.CapDerive(Balances, stronger, KernelRights.All, (uint)(Rights.Withdraw));
        if (status != Status.Success)
        {
            return status.ToString();
        }

        var request = new AccountRequest(Rights.Withdraw, Account: 7, Amount: 1);
        return Reply.From(locus.Invoke(stronger, request.AsBlock())).Answer.ToString();
    }

    private static string Guess(DirectContext locus)
    {
        for (uint slot = 10; slot < CapRef.TableSize; slot++)
        {
            if (locus.Calls.KmoInvoke(CapRef.Locus(slot), nested: true, 0, 0) != Status.InvalidCapRef)
            {
                return $"slot {slot} had something in it";
            }
        }

        return nameof(Status.InvalidCapRef);
    }
}
