using NUnit.Framework;
using NUnit.Framework.Interfaces;
using Runtime.Tests.Support;

[assembly: Deadline(120)]

namespace Runtime.Tests.Support;

/// <summary>
/// How long a test may take. Past it the process ends with the test's name: a thread that waits in a fault cannot be
/// aborted, and a suite that hangs says nothing. The innermost attribute counts.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly | AttributeTargets.Class | AttributeTargets.Method)]
public sealed class DeadlineAttribute(int seconds) : Attribute, ITestAction
{
    private const string Key = "Deadline";

    public ActionTargets Targets => ActionTargets.Test;

    public void BeforeTest(ITest test)
    {
        // Actions run from the outside in: an inner deadline takes the outer one's place.
        Cancel(test);
        test.Properties.Set(Key, new Timer(_ => End(test), null, TimeSpan.FromSeconds(seconds), Timeout.InfiniteTimeSpan));
    }

    public void AfterTest(ITest test) => Cancel(test);

    private static void Cancel(ITest test)
    {
        (test.Properties.Get(Key) as Timer)?.Dispose();
        test.Properties.Set(Key, string.Empty);
    }

    private void End(ITest test)
    {
        Console.Error.WriteLine($"{test.FullName} exceeded its deadline of {seconds} s.");
        Console.Error.Flush();
        Environment.FailFast($"{test.FullName} exceeded its deadline of {seconds} s.");
    }
}
