using Bank;

return await BankSample.RunAsync(args.Length > 0 ? args[0] : "bank", Console.Out) ? 0 : 1;
