using System.Threading.Channels;

namespace Runtime.Bench.Invocations;

/// <summary>A hand-off of the block to another thread through a channel, and back through a second.</summary>
internal sealed class ChannelSide : InvocationSide
{
    private readonly Channel<byte[]> _there = Channel.CreateBounded<byte[]>(1);
    private readonly Channel<byte[]> _back = Channel.CreateBounded<byte[]>(1);
    private readonly Task _server;

    internal ChannelSide() => _server = Task.Run(ServeAsync);

    internal override string Name => "Channel";

    internal override void Invoke(int count, byte[] block) => InvokeAsync(count, block).GetAwaiter().GetResult();

    public override void Dispose()
    {
        _there.Writer.Complete();
        _server.GetAwaiter().GetResult();
    }

    private async Task InvokeAsync(int count, byte[] block)
    {
        for (int i = 0; i < count; i++)
        {
            await _there.Writer.WriteAsync(block);
            await _back.Reader.ReadAsync();
        }
    }

    private async Task ServeAsync()
    {
        await foreach (byte[] block in _there.Reader.ReadAllAsync())
        {
            await _back.Writer.WriteAsync(block);
        }
    }
}
