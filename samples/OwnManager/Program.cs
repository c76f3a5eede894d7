using OwnManager;

return await OwnManagerSample.RunAsync(args.Length > 0 ? args[0] : "own-manager", Console.Out) ? 0 : 1;
