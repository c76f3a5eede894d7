using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Runtime.Bench.Managers;

/// <summary>Serves ranges of one file on the loopback, each after a delay.</summary>
internal sealed class SlowServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly byte[] _content;
    private readonly TimeSpan _delay;

    internal SlowServer(byte[] content, TimeSpan delay)
    {
        _content = content;
        _delay = delay;
        using (var probe = new TcpListener(IPAddress.Loopback, port: 0))
        {
            probe.Start();
            int port = ((IPEndPoint)probe.LocalEndpoint).Port;
            Root = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/"));
        }

        _listener.Prefixes.Add(Root.AbsoluteUri);
        _listener.Start();
        _ = ServeAsync();
    }

    internal Uri Root { get; }

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            _ = AnswerAsync(context);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        await Task.Delay(_delay);
        HttpListenerResponse response = context.Response;
        (int first, int count) = (0, _content.Length);
        if (context.Request.Headers["Range"] is { } range)
        {
            string[] ends = range["bytes=".Length..].Split('-');
            first = int.Parse(ends[0], CultureInfo.InvariantCulture);
            int last = Math.Min(int.Parse(ends[1], CultureInfo.InvariantCulture), _content.Length - 1);
            count = last - first + 1;
            response.StatusCode = (int)HttpStatusCode.PartialContent;
            response.AddHeader("Content-Range", FormattableString.Invariant($"bytes {first}-{last}/{_content.Length}"));
        }

        response.AddHeader("ETag", "\"1\"");
        response.AddHeader("Accept-Ranges", "bytes");
        response.ContentLength64 = count;
        if (context.Request.HttpMethod != "HEAD")
        {
            await response.OutputStream.WriteAsync(_content.AsMemory(first, count));
        }

        response.Close();
    }
}
