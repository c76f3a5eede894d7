using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Loci;
using Runtime.Core.Storage;

namespace Runtime.Bench.Invocations;

/// <summary>A locus that moves to another container with the block, and is sent back with it.</summary>
internal sealed class LocusSide : InvocationSide
{
    /// <summary>A locus of its own for each invocation.</summary>
    internal const string OutsideWay = "by the host program";

    /// <summary>The ways to move.</summary>
    internal static readonly string[] Ways = [DirectWay, StepWay, JumpWay, OutsideWay];

    private const string DirectWay = "nested, direct style";
    private const string StepWay = "nested, step style";
    private const string JumpWay = "jump and back";

    private static readonly CapRef s_other = CapRef.Container(0);

    private readonly byte[] _result = new byte[InvocationRounds.LargestBlock];
    private readonly Kernel _kernel;
    private readonly Capability _entered;
    private byte[] _block = [];

    internal LocusSide(string way)
    {
        Way = way;
        var options = new KernelOptions { OpenVolume = static () => new MemoryVolume() };
        options.Entries.Add("answer", static locus => locus.Return(locus.InArguments));
        options.Entries.Add("jump back", static locus => locus.Jump(s_other, locus.InArguments));
        options.Entries.AddDirect(DirectWay, InvokeDirectly);
        options.Entries.Add(StepWay, locus => IsOver(locus) ? locus.Return() : locus.Invoke(s_other, _block, at: 1));
        options.Entries.Add(JumpWay, locus => IsOver(locus) ? locus.Return() : locus.Jump(s_other, _block));
        _kernel = Kernel.Boot(options);
        Container home = _kernel.OpenContainer("home", 0, ContainerRecord.NoManager);
        Container away = _kernel.OpenContainer("away", 0, ContainerRecord.NoManager);
        home.SetInvocationPoint(way == OutsideWay ? "answer" : way);
        away.SetInvocationPoint(way == JumpWay ? "jump back" : "answer");
        _entered = home.GetCapability();
        away.Grant(s_other.Index, _entered);
        using Capability there = away.GetCapability();
        home.Grant(s_other.Index, there);
    }

    internal override string Name => "Katydid";

    internal override string Way { get; }

    internal override void Invoke(int count, byte[] block)
    {
        _block = block;
        if (Way != OutsideWay)
        {
            _kernel.Invoke(_entered, BitConverter.GetBytes(count), _result);
            return;
        }

        for (int i = 0; i < count; i++)
        {
            _kernel.Invoke(_entered, block, _result);
        }
    }

    public override void Dispose() => _kernel.Dispose();

    private void InvokeDirectly(DirectContext locus)
    {
        int count = BitConverter.ToInt32(locus.InArguments);
        for (int i = 0; i < count; i++)
        {
            locus.Invoke(s_other, _block);
        }
    }

    /// <summary>Counts down from what the host program passed.</summary>
    private static bool IsOver(StepContext locus)
    {
        if (locus.Registers[1] == 0)
        {
            locus.Registers[1] = 1;
            locus.Registers[0] = BitConverter.ToUInt32(locus.InArguments);
        }

        return locus.Registers[0]-- == 0;
    }
}
