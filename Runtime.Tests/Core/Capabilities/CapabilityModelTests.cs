using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Loci;
using Runtime.Tests.Core.Loci;

namespace Runtime.Tests.Core.Capabilities;

/// <summary>
/// Any sequence of copies, derivations, deletions of groups and destructions of entities leaves in every slot of every
/// table what a set of groups says. A failure prints its seed.
/// </summary>
public class CapabilityModelTests : LocusFixture
{
    private const int Operations = 400;
    private const int Entities = 6;
    private const uint FirstOfHost = 2000;

    private static int Seeds => OperatingSystem.IsWindows() ? 4 : 25;

    [Test]
    public void Every_slot_holds_what_the_model_says()
    {
        for (int seed = 1; seed <= Seeds; seed++)
        {
            Container home = Kernel.OpenContainer($"home {seed}", 4096);
            string? wrong = null;
            Locus locus = AtDirect(home, context => wrong = new ModelRun(Kernel, context, home, seed).ToTheEnd());
            locus.Resume();
            locus.Completion.GetAwaiter().GetResult();
            Assert.That(wrong, Is.Null);
        }
    }

    private sealed record Group(int Entity, Group? Parent, KernelRights Rights, uint UserRights)
    {
        internal bool IsDeleted { get; set; }

        internal bool IsWorthNothing => IsDeleted || (Parent?.IsWorthNothing ?? false);
    }

    private sealed record Slot(bool IsOfHost, CapRef Reference);

    private sealed class ModelRun(Kernel kernel, DirectContext locus, Container home, int seed)
    {
        private readonly Random _random = new(seed);
        private readonly Dictionary<Slot, Group> _model = [];
        private readonly List<Group> _groups = [];
        private readonly bool[] _isContainer = new bool[10_000];
        private readonly Slot[] _slots =
        [
            .. Enumerable.Range(0, 6).Select(index => new Slot(false, CapRef.Locus((uint)index * 7))),
            .. Enumerable.Range(0, 6).Select(index => new Slot(false, CapRef.Container((uint)index * 300))),
            .. Enumerable.Range(seed * 8, 6).Select(index => new Slot(true, CapRef.Locus(FirstOfHost + (uint)index))),
        ];

        private int _entities;

        internal string? ToTheEnd()
        {
            for (int i = 0; i < Entities; i++)
            {
                Create(_slots[i * 3]);
            }

            for (int operation = 0; operation < Operations; operation++)
            {
                string? done = Do();
                if (_model.Values.Count(group => !group.IsWorthNothing) < Entities)
                {
                    Create(Any(isOfHost: false));
                }

                if ((done ?? Difference()) is { } wrong)
                {
                    return $"seed {seed}, operation {operation}: {wrong}";
                }
            }

            return null;
        }

        private string? Do()
        {
            bool isOfHost = _random.Next(3) == 0;
            SystemCalls calls = isOfHost ? kernel.Calls : locus.Calls;
            Slot source = Any(isOfHost);
            Slot destination = Any(isOfHost);
            Group? named = Named(source);
            switch (_random.Next(20))
            {
                case < 6:
                    return Expect(
                        named is null ? Status.InvalidCapRef : Status.Success,
                        calls.CapCopy(source.Reference, destination.Reference),
                        () => _model[destination] = named!,
                        $"copy {source} {destination}");
                case < 14:
                    var rights = (KernelRights)_random.Next(1 << 10);
                    rights |= _random.Next(4) == 0 ? 0 : KernelRights.Derive;
                    uint user = (uint)_random.NextInt64(1L << 32);
                    return Expect(
                        named is null ? Status.InvalidCapRef
                            : (named.Rights & KernelRights.Derive) == 0 ? Status.PermissionDenied
                            : Status.Success,
                        calls.CapDerive(source.Reference, destination.Reference, rights, user),
                        () => _model[destination] = Add(
                            new Group(named!.Entity, named, named.Rights & rights, named.UserRights & user)),
                        $"derive {source} {destination} {rights}");
                case < 17:
                    return Expect(
                        named is null ? Status.InvalidCapRef
                            : (named.Rights & KernelRights.Destroy) == 0 ? Status.PermissionDenied
                            : Status.Success,
                        calls.GroupDestroy(source.Reference),
                        () => named!.IsDeleted = true,
                        $"destroy the group of {source}");
                case 17:
                    // Between the host's table and the locus's there is only what the host program gives.
                    return Give(Any(isOfHost: true), Any(isOfHost: false));
                default:
                    return Destroy(calls, source, named);
            }
        }

        private string? Destroy(SystemCalls calls, Slot source, Group? named)
        {
            if (named is null)
            {
                return Expect(Status.InvalidCapRef, calls.ContainerDestroy(source.Reference), () => { }, "destroy")
                    ?? Expect(Status.InvalidCapRef, calls.LocusDestroy(source.Reference), () => { }, "destroy");
            }

            bool isContainer = _isContainer[named.Entity];
            bool mayNot = (named.Rights & KernelRights.Destroy) == 0;
            string? wrong = Expect(
                    Status.WrongEntityType,
                    isContainer ? calls.LocusDestroy(source.Reference) : calls.ContainerDestroy(source.Reference),
                    () => { },
                    $"destroy {source} as what it is not")
                ?? Expect(
                    mayNot ? Status.PermissionDenied : Status.Success,
                    isContainer ? calls.ContainerDestroy(source.Reference) : calls.LocusDestroy(source.Reference),
                    () => _groups.Where(group => group.Entity == named.Entity).ToList()
                        .ForEach(group => group.IsDeleted = true),
                    $"destroy {source}");
            if (!mayNot)
            {
                Create(Any(isOfHost: false));
            }

            return wrong;
        }

        /// <summary>A new entity, whose master capability the locus gets.</summary>
        private void Create(Slot slot)
        {
            slot = slot.IsOfHost ? Any(isOfHost: false) : slot;
            int entity = _entities++;
            _isContainer[entity] = entity % 3 != 0;
            Status status = _isContainer[entity]
                ? locus.Calls.ContainerCreate(slot.Reference, length: 4096)
                : locus.Calls.LocusCreate(slot.Reference, kernel.Options.Entries.Names.First(), isSuspended: true);
            Assert.That(status, Is.EqualTo(Status.Success));
            _model[slot] = Add(new Group(entity, Parent: null, KernelRights.All, uint.MaxValue));
        }

        private string? Give(Slot from, Slot to)
        {
            // The host's own slots are named by number; a capability object stands for one of its groups.
            Group? named = Named(from);
            PermissionGroup? group = kernel.Capabilities.HostTable.Find(from.Reference.Index);
            if (group is null != named is null)
            {
                return $"{from}: {group}, not {named}";
            }

            if (group is not null)
            {
                kernel.Capabilities.Put(CallerOf(to), to.Reference, group);
                _model[to] = named!;
            }

            Group? back = Named(to);
            if (back is not null)
            {
                PermissionGroup returned = Table(to).Find(to.Reference.Index)!;
                Slot other = Any(isOfHost: true);
                kernel.Capabilities.Put(new HostOf(kernel), other.Reference, returned);
                _model[other] = back;
            }

            return null;
        }

        private TableOf CallerOf(Slot slot) => slot.Reference.Type == CapRefType.Locus
            ? new TableOf(Table(slot))
            : new TableOf(kernel.Capabilities.HostTable) { Container = home.Entity };

        private string? Difference()
        {
            foreach (Slot slot in _slots)
            {
                Group? expected = Named(slot);
                PermissionGroup? found = Table(slot).Find(slot.Reference.Index);
                if (found?.Rights != expected?.Rights || found?.UserRights != expected?.UserRights)
                {
                    return $"{slot} holds {found?.Rights} {found?.UserRights:x}, not {expected}";
                }

                if (found is { Parent: { } parent }
                    && ((found.Rights & ~parent.Rights) != 0 || (found.UserRights & ~parent.UserRights) != 0))
                {
                    return $"{slot} has more than its parent";
                }

                if (found is not null
                    && found.Entity.Type != (_isContainer[expected!.Entity] ? EntityType.Container : EntityType.Locus))
                {
                    return $"{slot} is for a {found.Entity.Type}";
                }
            }

            return null;
        }

        private Group? Named(Slot slot) =>
            _model.TryGetValue(slot, out Group? group) && !group.IsWorthNothing ? group : null;

        private Group Add(Group group)
        {
            _groups.Add(group);
            return group;
        }

        private Slot Any(bool isOfHost)
        {
            Slot[] slots = [.. _slots.Where(slot => slot.IsOfHost == isOfHost)];
            return slots[_random.Next(slots.Length)];
        }

        private CapabilityTable Table(Slot slot) => slot.IsOfHost ? kernel.Capabilities.HostTable
            : slot.Reference.Type == CapRefType.Container ? home.Entity!.Table
            : kernel.Loci.Single(other => other.Id == locus.Id).Entity.Table;

        private static string? Expect(Status expected, Status status, Action apply, string what)
        {
            if (status != expected)
            {
                return $"{what}: {status}, not {expected}";
            }

            if (status == Status.Success)
            {
                apply();
            }

            return null;
        }
    }

    private sealed class TableOf(CapabilityTable table) : Caller
    {
        internal ContainerEntity? Container { get; init; }

        internal override CapabilityTable Table => table;

        internal override ContainerEntity? Host => Container;
    }

    private sealed class HostOf(Kernel kernel) : Caller
    {
        internal override CapabilityTable Table => kernel.Capabilities.HostTable;

        internal override ContainerEntity? Host => null;
    }
}
