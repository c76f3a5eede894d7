using NUnit.Framework;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;

namespace Runtime.Tests.Support;

/// <summary>A test of what only one system has; on the other scripts/test.sh leaves it out, so it is no skip.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public abstract class OnlyOnAttribute(string system) : NUnitAttribute, IApplyToTest
{
    /// <inheritdoc/>
    public void ApplyToTest(Test test)
    {
        ArgumentNullException.ThrowIfNull(test);
        test.Properties.Add(PropertyNames.Category, $"{system}Only");
        if (!OperatingSystem.IsOSPlatform(system))
        {
            test.RunState = RunState.Skipped;
            test.Properties.Set(PropertyNames.SkipReason, $"only on {system}");
        }
    }
}

/// <summary>Category LinuxOnly.</summary>
public sealed class LinuxOnlyAttribute() : OnlyOnAttribute("Linux");

/// <summary>Category WindowsOnly.</summary>
public sealed class WindowsOnlyAttribute() : OnlyOnAttribute("Windows");
