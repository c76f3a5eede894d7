using NUnit.Framework;
using Runtime.Core.Capabilities;
using Runtime.Core.Loci;

namespace Runtime.Tests.Core.Loci;

/// <summary>A locus in a situation, in container "home" or, from there, in "callee".</summary>
internal sealed class LocusStage : IDisposable
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(20);

    private readonly ManualResetEventSlim _inside = new();
    private readonly ManualResetEventSlim _gate = new();
    private readonly ManualResetEventSlim _blocks = new();
    private readonly List<Locus> _blockers = [];
    private readonly LocusLifeTests _fixture;
    private Thread? _opener;
    private volatile bool _isOpen;
    private volatile bool _wentOn;

    internal LocusStage(LocusLifeTests fixture, LocusSituation situation)
    {
        _fixture = fixture;
        bool isMethod = situation is LocusSituation.InMethod or LocusSituation.RestingInMethod
            or LocusSituation.RestingInCallee or LocusSituation.InStepOfCallee or LocusSituation.InMethodOfCallee
            or LocusSituation.WaitingForMethod;
        if (isMethod)
        {
            fixture.CreateMethod("home", locus => Method(locus, situation));
        }
        else
        {
            fixture.CreateStep("home", locus => Step(locus, situation));
        }

        if (situation == LocusSituation.InMethodOfCallee)
        {
            fixture.CreateMethod("callee", locus =>
            {
                Block();
                locus.Calls.CapCopy(CapRef.Locus(9), CapRef.Locus(9));
                _wentOn = true;
            });
        }
        else
        {
            fixture.CreateStep("callee", locus => Callee(locus, situation));
        }

        Block(situation);
        Locus = fixture.LocusAt("home", "home", isSuspended: true);
        using (Capability callee = fixture.CapabilityOf("callee"))
        {
            Locus.Grant(0, callee);
        }

        Bring(situation);
    }

    internal Locus Locus { get; }

    /// <summary>Whether code went on after it had to end.</summary>
    internal bool WentOn => _wentOn;

    /// <summary>Lets those go on that wait inside their code.</summary>
    internal void Open()
    {
        _isOpen = true;
        _gate.Set();
        _blocks.Set();
        foreach (Locus blocker in _blockers)
        {
            blocker.Completion.ContinueWith(_ => { }, TaskScheduler.Default).Wait(s_long);
        }
    }

    /// <summary>The same, from another thread, when the locus has been asked to rest or to end.</summary>
    internal void OpenSoon()
    {
        _opener = new Thread(() =>
        {
            SpinWait.SpinUntil(
                () => Locus.Entity.Control.Requests != LocusRequests.None || Locus.State == LocusState.Ended, s_long);
            Open();
        });
        _opener.Start();
    }

    public void Dispose()
    {
        Open();
        _opener?.Join();
    }

    /// <summary>Takes the threads that the locus is to wait for.</summary>
    private void Block(LocusSituation situation)
    {
        int count = situation switch
        {
            LocusSituation.Ready => 2,
            LocusSituation.WaitingForMethod => LocusFixture.DirectLoci,
            _ => 0,
        };
        if (count == 0)
        {
            return;
        }

        using var there = new CountdownEvent(count);
        if (situation == LocusSituation.Ready)
        {
            _fixture.CreateStep("blocking", locus =>
            {
                there.Signal();
                _blocks.Wait();
                return locus.Return();
            });
        }
        else
        {
            _fixture.CreateMethod("blocking", _ =>
            {
                there.Signal();
                _blocks.Wait();
            });
        }

        for (int i = 0; i < count; i++)
        {
            _blockers.Add(_fixture.LocusAt("blocking", "blocking", isSuspended: false));
        }

        Assert.That(there.Wait(s_long));
    }

    private void Bring(LocusSituation situation)
    {
        if (situation == LocusSituation.NeverRan)
        {
            return;
        }

        Locus.Resume();
        if (situation is LocusSituation.Ready or LocusSituation.WaitingForMethod)
        {
            Assert.That(Locus.State, Is.EqualTo(LocusState.Ready).Or.EqualTo(LocusState.Running));
            return;
        }

        Assert.That(_inside.Wait(s_long));
        switch (situation)
        {
            case LocusSituation.InStepSuspended:
                Locus.Suspend();
                break;
            case LocusSituation.Resting or LocusSituation.RestingInMethod or LocusSituation.RestingInCallee:
                Locus.Suspend();
                Assert.That(Locus.Entity.Control.WaitForRest(Environment.TickCount64 + 20_000));
                break;
        }
    }

    private Step Step(StepContext locus, LocusSituation situation)
    {
        NoteIfOver();
        if (situation is LocusSituation.InStep or LocusSituation.InStepSuspended)
        {
            Block();
        }

        _inside.Set();
        return locus.Continue();
    }

    private Step Callee(StepContext locus, LocusSituation situation)
    {
        NoteIfOver();
        if (situation == LocusSituation.InStepOfCallee)
        {
            Block();
        }

        _inside.Set();
        return locus.Continue();
    }

    private void Method(DirectContext locus, LocusSituation situation)
    {
        switch (situation)
        {
            case LocusSituation.InMethod:
                Block();
                locus.Calls.CapCopy(CapRef.Locus(9), CapRef.Locus(9));
                break;
            case LocusSituation.RestingInMethod:
                while (true)
                {
                    NoteIfOver();
                    _inside.Set();
                    locus.Calls.CapCopy(CapRef.Locus(9), CapRef.Locus(9));
                }

            case LocusSituation.WaitingForMethod:
                break;
            default:
                locus.Invoke(CapRef.Locus(0));
                break;
        }

        _wentOn = true;
    }

    private void Block()
    {
        _inside.Set();
        _gate.Wait();
    }

    private void NoteIfOver()
    {
        if (_isOpen && Locus.State == LocusState.Ended)
        {
            _wentOn = true;
        }
    }
}
