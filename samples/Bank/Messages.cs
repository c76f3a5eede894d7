using System.Runtime.InteropServices;

namespace Bank;

/// <summary>One change or question, as the accounts take it: an argument block.</summary>
internal readonly record struct AccountRequest(Rights Operation, int Account, long Amount)
{
    internal ReadOnlySpan<byte> AsBlock() => MemoryMarshal.AsBytes(new ReadOnlySpan<AccountRequest>([this]));
}

/// <summary>From whom to whom: what the teller takes, and a line of the ledger.</summary>
internal readonly record struct Transfer(int From, int To, long Amount)
{
    internal ReadOnlySpan<byte> AsBlock() => MemoryMarshal.AsBytes(new ReadOnlySpan<Transfer>([this]));
}

/// <summary>An answer, and the balance where one was asked for.</summary>
internal readonly record struct Reply(Answer Answer, long Balance = 0)
{
    internal ReadOnlySpan<byte> AsBlock() => MemoryMarshal.AsBytes(new ReadOnlySpan<Reply>([this]));

    internal static Reply From(ReadOnlySpan<byte> block) =>
        block.Length == Marshal.SizeOf<Reply>() ? MemoryMarshal.Read<Reply>(block) : new Reply(Answer.Failed);
}
