using NUnit.Framework;
using Runtime.Core;
using Runtime.Stores.Disks;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;
using Runtime.Tests.Stores.Volumes;

namespace Runtime.Tests.Stores.Durability;

/// <summary>Works with a volume on a system of which one call fails, and goes on as an application would.</summary>
internal sealed class FailedCallRun(SimulatedFileSystem system, string home, SimulatedError error, string where)
{
    private const long SuperblockBytes = 4 * 4096;

    private VolumeDriver? _driver;
    private IReadOnlyList<VolumeModel> _possible = [];

    /// <summary>Whether an exception told of the failure; where there are other ways, none need.</summary>
    public bool WasTold { get; private set; }

    public void Do(IReadOnlyList<Action<VolumeDriver>> steps, bool reopens)
    {
        for (int step = 0; step < steps.Count; step++)
        {
            if (!TryDo(steps[step], step) && !TryDo(steps[step], step))
            {
                Assert.Fail($"{where}, step {step} failed twice");
            }

            if (reopens)
            {
                Close();
            }
        }

        system.FailNoMore();
        Open();
        VolumeModel model = _driver!.Reported;
        Assert.That(model.DifferenceTo(_driver.Volume), Is.Null, where);
        Assert.That(_driver.Volume.Verify().Damages, Is.Empty, where);
        Close();
        system.CutPower();
        system.Restart();
        using Volume volume = Volume.Open(home, new VolumeOptions(), system);
        Assert.That(model.DifferenceTo(volume), Is.Null, $"{where}, after a power cut");
    }

    /// <returns>Whether it is done; otherwise the call failed, and the step may be tried again.</returns>
    private bool TryDo(Action<VolumeDriver> step, int number)
    {
        try
        {
            Open();
            step(_driver!);
            return true;
        }
        catch (VolumeException e) when (!WasTold)
        {
            WasTold = true;
            CheckMessage(e);
            if (_driver is null)
            {
                return false;
            }

            Assert.That(_driver.Reported.DifferenceTo(_driver.Volume), Is.Null, $"{where}, step {number}");
            (SystemCall call, long offset) = system.Failed!.Value;
            bool isFinal = call == SystemCall.Flush || (call == SystemCall.Write && offset < SuperblockBytes);
            Assert.That(_driver.Volume.IsReadOnly, Is.EqualTo(isFinal), $"{where}, step {number}, {call} at {offset}");
            if (!isFinal)
            {
                _driver.GiveUp();
                return false;
            }

            return IsDoneAfterClosing();
        }
    }

    /// <summary>A volume closed for writing stays so; the next process finds what was reported, or more.</summary>
    private bool IsDoneAfterClosing()
    {
        VolumeModel attempted = _driver!.Attempted;
        VolumeModel reported = _driver.Reported;
        Assert.That(
            () => _driver.Create("refused", 1),
            Throws.TypeOf<VolumeException>().With.Message.Contains("closed for writing after a failed flush"));
        _possible = [reported, attempted];
        _driver.Volume.Dispose();
        _driver = null;
        Open();
        return _driver!.Reported == attempted;
    }

    private void Open()
    {
        if (_driver is not null)
        {
            return;
        }

        Volume volume = Volume.Open(home, new VolumeOptions { Create = _possible.Count == 0 }, system);
        try
        {
            VolumeModel? found = _possible.Count switch
            {
                0 => new VolumeModel(),
                1 => _possible[0],
                _ => _possible.FirstOrDefault(model => model.DifferenceTo(volume) is null),
            };
            Assert.That(found, Is.Not.Null, where);
            _driver = new VolumeDriver(volume, found!);
            _possible = [found!];
        }
        finally
        {
            if (_driver is null)
            {
                volume.Dispose();
            }
        }
    }

    private void Close()
    {
        _possible = [_driver!.Reported];
        _driver.Volume.Dispose();
        _driver = null;
    }

    private void CheckMessage(VolumeException e)
    {
        string call = system.Failed!.Value.Call switch
        {
            SystemCall.CreateDirectory => "mkdir",
            SystemCall.FlushDirectory => "fsync",
            SystemCall.Open => "open",
            SystemCall.Length => "fstat",
            SystemCall.Read => "read",
            SystemCall.Write => "write",
            SystemCall.SetLength => "SetEndOfFile",
            SystemCall.Allocate => "fallocate",
            _ => SystemFile.FlushCall,
        };
        Assert.That(e.Message, Does.Contain($"{call} '"), where);
        Assert.That(e.Message, Does.Contain(error.Words), where);
        Assert.That(e.Message, Does.Contain(system.Root), where);
        Assert.That(
            e.Status, Is.EqualTo(error == SimulatedError.Full ? Status.NoResources : Status.IoError), where);
    }
}
