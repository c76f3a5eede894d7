using NUnit.Framework;
using Runtime.Core;
using static Runtime.Tests.Core.Containers.MappingModel;

namespace Runtime.Tests.Core.Containers;

/// <content>Managers that come, go and fail.</content>
public partial class MappingPropertyTests
{
    private void ChangeManagers()
    {
        Box box = AnyBox();
        if (PageOfItsOwn(box) is null)
        {
            return;
        }

        switch (_random.Next(5))
        {
            case 0:
                HandOver(box);
                break;
            case 1:
                FailAndTakeOver(box);
                break;
            case 2:
                Rollback(box);
                break;
            default:
                FailFaults(box);
                break;
        }
    }

    private void HandOver(Box box)
    {
        string name = box.Container.Name;
        Kernel.RemoveManager(name);
        if (_random.Next(2) == 0)
        {
            Assert.That(
                () => box.Container.View.Write(PageOfItsOwn(box)!.Value * PageSize, 1L),
                Throws.TypeOf<ContainerFaultException>().With.Property("Status").EqualTo(Status.NoManager),
                _told);
        }

        Kernel.SetManager(name, _random.Next(2) == 0 ? "heir" : "versioned");
        NoteVersions(box);
    }

    /// <summary>It fails to save, whatever it has already; the other one takes what there is.</summary>
    private void FailAndTakeOver(Box box)
    {
        _boxes.ForEach(each => each.Container.WaitForSaves());      // of which none is to fail
        long own = PageOfItsOwn(box)!.Value;
        box.Container.View.Write(own * PageSize, ++_lastValue);
        box.Own[own] = _lastValue;
        bool isFirst = box.Container.Memory.Manager == Manager;
        VersionedManager failing = isFirst ? Manager : Heir;
        failing.OnSave = _ => Status.ManagerFailed;
        Assert.That(
            () => box.Container.TakeSnapshot().WaitForDurable(), Throws.InstanceOf<KernelException>(), _told);
        failing.OnSave = null;
        Assert.That(box.Container.Quarantine, Is.Not.Null, _told);

        Kernel.SetManager(box.Container.Name, isFirst ? "heir" : "versioned");
        Assert.That(box.Container.Quarantine, Is.Null, _told);
        NoteVersions(box);
    }

    private void Rollback(Box box)
    {
        if (box.Versions.Count == 0)
        {
            return;
        }

        StateInterval line = Kernel.Rollback(box.Container.Name);
        box.Own = new Dictionary<long, long>(box.Versions.Single(version => version.Interval == line).Own);
        box.Versions.RemoveAll(version => version.Interval > line);
    }

    /// <summary>A fault that fails has changed nothing, and what is in memory is there.</summary>
    private void FailFaults(Box box)
    {
        Manager.OnFault = Heir.OnFault = () => throw new InvalidOperationException("no");
        try
        {
            for (int i = 0; i < 10; i++)
            {
                long page = _random.NextInt64(Pages);
                (Box owner, long ownersPage, bool isWritable) = Find(box, box.Mappings, page * PageSize);
                if (owner.IsGone)
                {
                    continue;
                }

                try
                {
                    Assert.That(
                        box.Container.View.Read<long>(page * PageSize),
                        Is.EqualTo(owner.Own.GetValueOrDefault(ownersPage)),
                        _told);
                    if (isWritable)
                    {
                        box.Container.View.Write(page * PageSize, _lastValue + 1);
                        owner.Own[ownersPage] = ++_lastValue;
                    }
                }
                catch (ContainerFaultException failure) when (failure.Status == Status.ManagerFailed)
                {
                    _answers[failure.Status] = _answers.GetValueOrDefault(failure.Status) + 1;
                }
            }
        }
        finally
        {
            Manager.OnFault = Heir.OnFault = null;
        }
    }

    /// <summary>What was cut on the way is a version like any other.</summary>
    private void NoteVersions(Box box)
    {
        foreach (StateInterval interval in Kernel.History(box.Container.Name).Select(version => version.Interval))
        {
            if (!box.Versions.Exists(known => known.Interval == interval))
            {
                box.Versions.Add((interval, new Dictionary<long, long>(box.Own)));
            }
        }
    }

    /// <summary>One that no mapping hides.</summary>
    private static long? PageOfItsOwn(Box box)
    {
        for (long page = Pages - 1; page >= 0; page--)
        {
            if (!box.Mappings.Exists(mapped => mapped.Overlaps(page * PageSize, 1)))
            {
                return page;
            }
        }

        return null;
    }
}
