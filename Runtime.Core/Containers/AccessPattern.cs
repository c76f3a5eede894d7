namespace Runtime.Core.Containers;

/// <summary>What a program says about how it is going to use a range of a container.</summary>
public enum AccessPattern
{
    /// <summary>Nothing is known: the kernel looks at the faults.</summary>
    Normal,

    /// <summary>From the beginning to the end: much is suggested to the manager at the first fault.</summary>
    Sequential,

    /// <summary>Here and there: nothing is suggested beyond what an access asks for.</summary>
    Random,

    /// <summary>Soon: pages are brought in now, in the background.</summary>
    WillNeed,

    /// <summary>Not soon: pages that are clean and not held leave memory now.</summary>
    DontNeed,
}
