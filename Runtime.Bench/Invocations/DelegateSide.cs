using System.Runtime.CompilerServices;

namespace Runtime.Bench.Invocations;

/// <summary>A call of a delegate with a block, which it copies: no other place, no protection, no record.</summary>
internal sealed class DelegateSide : InvocationSide
{
    private readonly byte[] _copy = new byte[InvocationRounds.LargestBlock];
    private readonly Func<byte[], int> _callee;

    internal DelegateSide() => _callee = Handle;

    internal override string Name => "delegate";

    internal override void Invoke(int count, byte[] block)
    {
        for (int i = 0; i < count; i++)
        {
            _callee(block);
        }
    }

    public override void Dispose()
    {
        // Nothing needs to be given back.
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Handle(byte[] block)
    {
        block.CopyTo(_copy, 0);
        return block.Length;
    }
}
