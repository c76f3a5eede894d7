using Runtime.Tests;
using Runtime.Tests.Support;

// A test that has to kill, crash or filter a process starts this executable again, as its own child.
if (args is [ChildProcess.Switch, var child, .. var rest])
{
    ChildProcess.SpeakToParent();
    return ChildRegistry.Find(child)(rest);
}

return await MicrosoftTestingPlatformApplication.RunAsync(args);
