using NUnit.Framework;
using NUnit.Framework.Interfaces;
using Runtime.Tests.Support;

[assembly: Deadline(seconds: 120)]

namespace Runtime.Tests.Support;

/// <summary>How long a test may take; beyond it the process ends with a dump of what it waits for.</summary>
/// <remarks>
/// The assembly's holds for every test; one on a fixture replaces it for its tests, one on a method for that test.
/// NUnit's own CancelAfter only asks, and a thread that waits inside a page fault cannot hear.
/// </remarks>
[AttributeUsage(AttributeTargets.Assembly | AttributeTargets.Class | AttributeTargets.Method)]
public sealed class DeadlineAttribute(int seconds) : NUnitAttribute, ITestAction
{
    /// <summary>Seconds to the end of the test, with tear-down where it stands above the method.</summary>
    public int Seconds => seconds;

    /// <inheritdoc/>
    public ActionTargets Targets => ActionTargets.Test;

    /// <inheritdoc/>
    public void BeforeTest(ITest test)
    {
        ArgumentNullException.ThrowIfNull(test);
        // Assembly, fixture and method come in this order, so the closest one is what remains.
        Watchdog.Watch(test.Id, test.FullName, TimeSpan.FromSeconds(seconds));
    }

    /// <inheritdoc/>
    public void AfterTest(ITest test)
    {
        ArgumentNullException.ThrowIfNull(test);
        Watchdog.Forget(test.Id);
    }
}
