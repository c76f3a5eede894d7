using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Runtime.Tests.Stores.Managers;

/// <summary>Kestrel on the loopback, with one resource and every bad habit that a test wants.</summary>
internal sealed class RangeServer : IDisposable
{
    // Never disposed: a request may still look at it.
    private readonly CancellationTokenSource _stop = new();
    private readonly WebApplication _application;
    private int _requests;
    private int _misbehaving;

    public RangeServer(byte[] content)
    {
        Content = content;
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0));
        builder.Services.AddLogging(logging => logging.ClearProviders());
        _application = builder.Build();
        _application.Run(ServeAsync);
        _application.StartAsync().GetAwaiter().GetResult();
        string address = _application.Services.GetRequiredService<IServer>().Features
            .Get<IServerAddressesFeature>()!.Addresses.Single();
        Root = new Uri(address + "/files/");
    }

    public enum Habit
    {
        Stall,
        Truncate,
        Ignore,
        ShiftRange,
        Fail,
        Encode,
    }

    public Uri Root { get; }

    public byte[] Content { get; set; }

    public string? Tag { get; set; } = "\"one\"";

    public DateTimeOffset? LastModified { get; set; } = new(2020, 1, 2, 3, 4, 5, TimeSpan.Zero);

    /// <summary>Whether it answers as if nothing were demanded of the version.</summary>
    public bool IgnoresConditions { get; set; }

    public TimeSpan Delay { get; set; }

    public int Requests => Volatile.Read(ref _requests);

    private Habit Bad { get; set; }

    /// <summary>Misbehaves in the next requests.</summary>
    public void Misbehave(Habit habit, int requests = int.MaxValue)
    {
        Bad = habit;
        Volatile.Write(ref _misbehaving, requests);
    }

    public void Dispose()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        _stop.Cancel();
        _application.StopAsync(new CancellationToken(canceled: true)).GetAwaiter().GetResult();
        ((IDisposable)_application).Dispose();
    }

    private async Task ServeAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        bool isBad = Volatile.Read(ref _misbehaving) > 0 && Interlocked.Decrement(ref _misbehaving) >= 0;
        HttpResponse response = context.Response;
        if (context.Request.Path != "/files/a")
        {
            response.StatusCode = 404;
            return;
        }

        if (Delay > TimeSpan.Zero)
        {
            await Task.Delay(Delay, _stop.Token);
        }

        byte[] content = Content;
        response.Headers.ETag = Tag;
        response.Headers.LastModified = LastModified?.ToString("R", CultureInfo.InvariantCulture);
        string? match = context.Request.Headers.IfMatch;
        if (!IgnoresConditions && match is not null && match != Tag)
        {
            response.StatusCode = 412;
            return;
        }

        if (isBad && Bad == Habit.Fail)
        {
            response.StatusCode = 503;
            return;
        }

        if (isBad && Bad == Habit.Ignore)
        {
            await response.Body.WriteAsync(content, _stop.Token);
            return;
        }

        string[] range = context.Request.Headers.Range.ToString().Replace("bytes=", "", StringComparison.Ordinal)
            .Split('-');
        int first = int.Parse(range[0], CultureInfo.InvariantCulture);
        int last = Math.Min(int.Parse(range[1], CultureInfo.InvariantCulture), content.Length - 1);
        if (first > last)
        {
            response.StatusCode = 416;
            response.Headers.ContentRange = $"bytes */{content.Length}";
            return;
        }

        int shown = isBad && Bad == Habit.ShiftRange ? first + 4096 : first;
        response.StatusCode = 206;
        response.Headers.ContentRange = $"bytes {shown}-{shown + last - first}/{content.Length}";
        response.Headers.ContentEncoding = isBad && Bad == Habit.Encode ? "gzip" : default;
        response.ContentLength = last - first + 1;
        ReadOnlyMemory<byte> body = content.AsMemory(first, last - first + 1);
        if (!isBad || Bad is Habit.ShiftRange or Habit.Encode)
        {
            await response.Body.WriteAsync(body, _stop.Token);
            return;
        }

        // The first part only, and then nothing, or the end.
        await response.Body.WriteAsync(body[..(body.Length / 3)], _stop.Token);
        await response.Body.FlushAsync(_stop.Token);
        if (Bad == Habit.Truncate)
        {
            context.Abort();
            return;
        }

        try
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // The client has had enough.
        }
    }
}
