using System.Reflection;
using System.Reflection.Emit;
using NUnit.Framework;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Native.Faults;

/// <summary>
/// "NativeAOT and Mono hosts are refused at boot", "other systems get PlatformNotSupportedException naming the RID":
/// in a child of CoreCLR that has the sign by which each is known. Programs that are really compiled ahead, or run by
/// Mono or on another system, are none of the tests.
/// </summary>
public class HostTests
{
    [Test]
    public void NativeAOT_is_refused() => AssertRefused(WithoutDynamicCode, "NativeAOT is not supported");

    [Test]
    public void Mono_is_refused([Values("Mono.Runtime", "Mono.RuntimeStructs")] string type) =>
        AssertRefused(WithTypeOfMono, "Mono is not supported", type);

    [Test, LinuxOnly]
    public void Linux_with_musl_is_refused_by_its_name()
    {
        ChildExit exit = ChildProcess.Run(OnMusl);
        Assert.That(
            (exit.Code, exit.Output),
            Is.EqualTo((0, "Katydid runs on linux-x64 (glibc) and win-x64, not on linux-musl-x64\n")),
            exit.Error);
    }

    [Test]
    public void CoreCLR_is_not_refused()
    {
        ChildExit exit = ChildProcess.Run(AsItIs);
        Assert.That((exit.Code, exit.Output), Is.EqualTo((0, "installed\n")), exit.Error);
    }

    private static void AssertRefused(Func<string[], int> child, string reason, params string[] args)
    {
        ChildExit exit = ChildProcess.Run(child, args);
        Assert.That((exit.Code, exit.Output), Is.EqualTo((0, $"Katydid needs CoreCLR; {reason}\n")), exit.Error);
    }

    [Child]
    private static int WithoutDynamicCode(string[] args)
    {
        AppContext.SetSwitch("System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeSupported", false);
        return Install();
    }

    /// <summary>A type that the runtime's own library lacks is asked of whoever listens.</summary>
    [Child]
    private static int WithTypeOfMono(string[] args)
    {
        AppDomain.CurrentDomain.TypeResolve += (_, wanted) =>
        {
            if (wanted.Name != args[0])
            {
                return null;
            }

            AssemblyBuilder assembly =
                AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("mono"), AssemblyBuilderAccess.Run);
            assembly.DefineDynamicModule("mono").DefineType(args[0], TypeAttributes.Public).CreateType();
            return assembly;
        };
        return Install();
    }

    [Child]
    private static int OnMusl(string[] args)
    {
        AppContext.SetData("RUNTIME_IDENTIFIER", "linux-musl-x64");
        return Install();
    }

    [Child]
    private static int AsItIs(string[] args) => Install();

    private static int Install()
    {
        try
        {
            Trap.Install();
            Console.WriteLine("installed");
        }
        catch (PlatformNotSupportedException refusal)
        {
            Console.WriteLine(refusal.Message);
        }

        return 0;
    }
}
