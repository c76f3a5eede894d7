using System.Net.Sockets;

namespace Runtime.Bench.Invocations;

/// <summary>
/// A round trip over a Unix-domain socket to a thread that sends back what it gets; at least one byte.
/// </summary>
internal sealed class SocketSide : InvocationSide
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"bench-{Guid.NewGuid():N}");
    private readonly Socket _client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Thread _server;
    private readonly byte[] _answer = new byte[InvocationRounds.LargestBlock];

    internal SocketSide()
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(_path));
        listener.Listen(1);
        _server = new Thread(() => Serve(listener)) { IsBackground = true };
        _server.Start();
        _client.Connect(new UnixDomainSocketEndPoint(_path));
    }

    internal override string Name => "Unix socket";

    internal override void Invoke(int count, byte[] block)
    {
        ReadOnlySpan<byte> sent = block.Length == 0 ? _answer.AsSpan(0, 1) : block;
        for (int i = 0; i < count; i++)
        {
            _client.Send(sent);
            for (int received = 0; received < sent.Length;)
            {
                received += _client.Receive(_answer.AsSpan(received, sent.Length - received));
            }
        }
    }

    public override void Dispose()
    {
        _client.Dispose();
        _server.Join();
        File.Delete(_path);
    }

    private static void Serve(Socket listener)
    {
        using (listener)
        using (Socket connection = listener.Accept())
        {
            byte[] block = new byte[InvocationRounds.LargestBlock];
            for (int received; (received = connection.Receive(block)) > 0;)
            {
                connection.Send(block.AsSpan(0, received));
            }
        }
    }
}
