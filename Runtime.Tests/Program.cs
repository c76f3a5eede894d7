using Runtime.Tests;
using Runtime.Tests.Support;

// A test that has to kill, crash or filter a process starts this executable again, as its own child.
return args is [ChildProcess.Switch, var child, .. var rest]
    ? ChildRegistry.Find(child)(rest)
    : await MicrosoftTestingPlatformApplication.RunAsync(args);
