using System.Reflection;
using System.Runtime.Loader;
using NUnit.Framework;
using Runtime.Native;

namespace Runtime.Tests.Native.Faults;

/// <summary>
/// "One trap library per process …; a collectible load context is refused; handlers are never uninstalled."
/// </summary>
public class InstallationTests
{
    [Test]
    public void A_second_copy_of_the_assembly_is_refused()
    {
        Trap.Install();
        Exception? refusal = InstallCopyIn(new AssemblyLoadContext("second copy"));
        Assert.That(refusal, Is.TypeOf<PlatformNotSupportedException>());
        Assert.That(refusal!.Message, Does.Contain("one load context per process"));
    }

    [Test]
    public void A_collectible_load_context_is_refused()
    {
        var context = new AssemblyLoadContext("collectible", isCollectible: true);
        Exception? refusal = InstallCopyIn(context);
        context.Unload();
        Assert.That(refusal, Is.TypeOf<PlatformNotSupportedException>());
        Assert.That(refusal!.Message, Does.Contain("collectible"));
    }

    [Test]
    public void Installing_again_is_nothing()
    {
        Trap.Install();
        Trap.Install();
        Assert.That(Trap.Statistics.Overflows, Is.Not.Negative);
    }

    [Test]
    public void A_deadline_is_positive_and_no_longer_than_a_day()
    {
        Assert.That(() => Trap.SetDeadline(TimeSpan.Zero), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Trap.SetDeadline(TimeSpan.FromDays(2)), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private static Exception? InstallCopyIn(AssemblyLoadContext context)
    {
        Assembly copy = context.LoadFromAssemblyPath(typeof(Trap).Assembly.Location);
        Assert.That(copy, Is.Not.SameAs(typeof(Trap).Assembly));
        MethodInfo install = copy.GetType(typeof(Trap).FullName!)!.GetMethod(nameof(Trap.Install))!;
        try
        {
            install.Invoke(null, null);
            return null;
        }
        catch (TargetInvocationException thrown)
        {
            return thrown.InnerException;
        }
    }
}
