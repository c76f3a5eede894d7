namespace Bank;

/// <summary>
/// What a capability for one of the bank's containers lets its holder ask for: user rights, one bit each.
/// </summary>
/// <remarks>
/// The kernel passes them on with every invocation; what they mean is a matter of the code that is invoked.
/// </remarks>
[Flags]
internal enum Rights : uint
{
    None = 0,
    SeeBalance = 1,
    Deposit = 2,
    Withdraw = 4,
    Append = 8,
    Transfer = 16,
}
