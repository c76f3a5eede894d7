using System.Runtime.InteropServices;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Loci;

namespace Bank;

/// <summary>
/// Moves money: withdraws, deposits and notes it. Its container's table has what that takes; whoever invokes it has
/// not.
/// </summary>
/// <remarks>
/// In step style: after each invocation it goes on at the next point. The transfer stands in the block that was passed
/// in, which is there again after every return.
/// </remarks>
internal static class Teller
{
    internal const string Name = "bank.teller";
    internal const string Entry = "bank.teller/1";

    internal static readonly CapRef Accounts = CapRef.Container(0);
    internal static readonly CapRef Ledger = CapRef.Container(1);

    internal static Step Serve(StepContext locus)
    {
        if (((Rights)locus.UserRights & Rights.Transfer) == 0)
        {
            return locus.Return(new Reply(Answer.NotAllowed).AsBlock());
        }

        if (locus.InArguments.Length != Marshal.SizeOf<Transfer>() || locus.Status != Status.Success)
        {
            return locus.Return(new Reply(Answer.Failed).AsBlock());
        }

        Transfer transfer = MemoryMarshal.Read<Transfer>(locus.InArguments);
        switch (locus.ResumePoint)
        {
            case 0:
                var withdrawal = new AccountRequest(Rights.Withdraw, transfer.From, transfer.Amount);
                return locus.Invoke(Accounts, withdrawal.AsBlock(), at: 1);
            case 1 when Reply.From(locus.OutArguments) is { Answer: not Answer.Done } refused:
                return locus.Return(refused.AsBlock());
            case 1:
                var deposit = new AccountRequest(Rights.Deposit, transfer.To, transfer.Amount);
                return locus.Invoke(Accounts, deposit.AsBlock(), at: 2);
            case 2 when Reply.From(locus.OutArguments) is { Answer: not Answer.Done }:
                var refund = new AccountRequest(Rights.Deposit, transfer.From, transfer.Amount);
                return locus.Invoke(Accounts, refund.AsBlock(), at: 4);
            case 2:
                return locus.Invoke(Ledger, transfer.AsBlock(), at: 3);
            case 3:
                return locus.Return(Reply.From(locus.OutArguments).AsBlock());
            default:
                return locus.Return(new Reply(Answer.NoSuchAccount).AsBlock());
        }
    }
}
