using NUnit.Framework;
using Runtime.Native;

namespace Runtime.Tests.Native.Faults;

/// <summary>Every accessor, as a touch of one address.</summary>
internal static unsafe class AccessorCases
{
    internal static IEnumerable<TestCaseData> All =>
    [
        Case(nameof(Accessors.Load8), FaultAccess.Read, static a => { byte v; return Accessors.Load8(a, &v); }),
        Case(nameof(Accessors.Load16), FaultAccess.Read, static a => { ushort v; return Accessors.Load16(a, &v); }),
        Case(nameof(Accessors.Load32), FaultAccess.Read, static a => { uint v; return Accessors.Load32(a, &v); }),
        Case(nameof(Accessors.Load64), FaultAccess.Read, static a => { ulong v; return Accessors.Load64(a, &v); }),
        Case(nameof(Accessors.Store8), FaultAccess.Write, static a => Accessors.Store8(a, 1)),
        Case(nameof(Accessors.Store16), FaultAccess.Write, static a => Accessors.Store16(a, 1)),
        Case(nameof(Accessors.Store32), FaultAccess.Write, static a => Accessors.Store32(a, 1)),
        Case(nameof(Accessors.Store64), FaultAccess.Write, static a => Accessors.Store64(a, 1)),
        Case(nameof(Accessors.CompareExchange64), FaultAccess.Write, static a =>
        {
            ulong previous;
            return Accessors.CompareExchange64(a, 1, 0, &previous);
        }),
        Case("Copy from", FaultAccess.Read, static a =>
        {
            ulong v;
            return Accessors.Copy((byte*)&v, a, sizeof(ulong));
        }),
        Case("Copy to", FaultAccess.Write, static a =>
        {
            ulong v = 1;
            return Accessors.Copy(a, (byte*)&v, sizeof(ulong));
        }),
        Case(nameof(Accessors.Fill), FaultAccess.Write, static a => Accessors.Fill(a, 1, 8)),
    ];

    private static TestCaseData Case(string name, FaultAccess access, AccessorTests.Accessor touch) =>
        new TestCaseData(touch, access).SetArgDisplayNames(name);
}
