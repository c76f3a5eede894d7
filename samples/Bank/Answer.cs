namespace Bank;

/// <summary>What the bank's containers answer.</summary>
internal enum Answer
{
    Done = 0,
    NotAllowed = 1,
    NoSuchAccount = 2,
    NotEnoughMoney = 3,
    Failed = 4,
}
