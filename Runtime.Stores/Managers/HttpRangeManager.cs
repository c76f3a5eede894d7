using System.Net.Sockets;
using Runtime.Core;
using Runtime.Core.Storage;

namespace Runtime.Stores.Managers;

/// <summary>Shows resources of the web as containers, for reading: what is touched is requested, by ranges.</summary>
/// <remarks>
/// Thread safe. A resource that changes while it is open is refused from then on, and never mixed with what was read
/// before: faults fail with <see cref="Status.IoError"/>. Requests are made on the faulting thread and need no other
/// one, so they come through when every thread of the pool waits in a fault.
/// </remarks>
public sealed class HttpRangeManager : SourceManager
{
    private readonly HttpClient _client;
    private readonly HttpRangeOptions _options;
    private readonly Func<string, Uri> _find;

    /// <summary>
    /// Shows what lies below an address that ends in a slash; a container's name is the path from there.
    /// </summary>
    /// <remarks>
    /// Names with an empty part, <c>.</c> or <c>..</c> are <see cref="Status.PermissionDenied"/>.
    /// </remarks>
    public HttpRangeManager(Uri root, HttpRangeOptions? options = null)
        : this(name => Below(root, name), options)
    {
        ArgumentNullException.ThrowIfNull(root);
        if (!root.IsAbsoluteUri || !root.AbsolutePath.EndsWith('/'))
        {
            throw new ArgumentException($"'{root}' is no absolute address that ends in a slash", nameof(root));
        }
    }

    /// <summary>Shows the resources to which a function leads.</summary>
    /// <param name="find">From a container's name to an absolute address.</param>
    /// <param name="options">How the server is asked.</param>
    public HttpRangeManager(Func<string, Uri> find, HttpRangeOptions? options = null)
        : base(options ??= new HttpRangeOptions())
    {
        ArgumentNullException.ThrowIfNull(find);
        _find = find;
        _options = options;
        _client = new HttpClient(options.Handler ?? Connector(options.StallLimit), disposeHandler: true)
        {
            Timeout = Timeout.InfiniteTimeSpan,                     // its limit would need a thread of the pool
        };
    }

    private protected override OpenedContainer Open(ContainerRecord container) =>
        new OpenedResource(_client, _find(container.Name), _options);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _client.Dispose();
    }

    private static Uri Below(Uri root, string name)
    {
        string[] parts = name.Split('/');
        return parts.Any(part => part is "" or "." or "..")
            ? throw new KernelException(
                Status.PermissionDenied, $"'{name}' is no path below '{root}', with slashes between")
            : new Uri(root, string.Join('/', parts.Select(Uri.EscapeDataString)));
    }

    /// <summary>
    /// The system itself watches the time of each receive: a timer of the runtime would need a thread of the pool.
    /// </summary>
    private static SocketsHttpHandler Connector(TimeSpan stallLimit) => new()
    {
        UseCookies = false,
        ConnectTimeout = stallLimit,
        ConnectCallback = (context, _) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                socket.ReceiveTimeout = (int)Math.Min(stallLimit.TotalMilliseconds, int.MaxValue);
                socket.SendTimeout = socket.ReceiveTimeout;
                socket.Connect(context.DnsEndPoint);
                return ValueTask.FromResult<Stream>(new NetworkStream(socket, ownsSocket: true));
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };
}
