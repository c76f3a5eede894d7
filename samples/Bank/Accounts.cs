using System.Runtime.InteropServices;
using Runtime.Core.Containers;
using Runtime.Core.Loci;

namespace Bank;

/// <summary>A container of balances, 8 bytes each. Nobody reaches them but by invoking it.</summary>
internal static class Accounts
{
    internal const string Name = "bank.accounts";
    internal const string Entry = "bank.accounts/1";
    internal const int Count = 1000;

    /// <summary>In step style: one request, one answer.</summary>
    internal static Step Serve(StepContext locus)
    {
        if (locus.InArguments.Length != Marshal.SizeOf<AccountRequest>())
        {
            return locus.Return(new Reply(Answer.Failed).AsBlock());
        }

        return locus.Return(Serve(
            locus.View, (Rights)locus.UserRights, MemoryMarshal.Read<AccountRequest>(locus.InArguments)).AsBlock());
    }

    private static Reply Serve(ContainerView balances, Rights rights, AccountRequest request)
    {
        if ((rights & request.Operation) == 0)
        {
            return new Reply(Answer.NotAllowed);
        }

        if (request.Account is < 0 or >= Count || request.Amount < 0)
        {
            return new Reply(Answer.NoSuchAccount);
        }

        long offset = request.Account * sizeof(long);
        while (true)
        {
            long balance = balances.Read<long>(offset);             // the first touch of a page is a page fault
            long changed = request.Operation switch
            {
                Rights.Deposit => balance + request.Amount,
                Rights.Withdraw => balance - request.Amount,
                _ => balance,
            };
            if (changed < 0)
            {
                return new Reply(Answer.NotEnoughMoney, balance);
            }

            // Other loci may execute here at the same time.
            if (changed == balance || balances.CompareExchange(offset, changed, balance) == balance)
            {
                return new Reply(Answer.Done, changed);
            }
        }
    }
}
