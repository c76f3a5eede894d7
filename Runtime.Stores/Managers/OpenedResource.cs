using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Runtime.Core;

namespace Runtime.Stores.Managers;

/// <summary>A resource of the web that is shown as a container, and must stay what it was when it was opened.</summary>
internal sealed class OpenedResource : OpenedContainer
{
    private readonly HttpClient _client;
    private readonly Uri _address;
    private readonly HttpRangeOptions _options;
    private readonly ResourceVersion _version;
    private volatile KernelException? _changed;

    public OpenedResource(HttpClient client, Uri address, HttpRangeOptions options)
    {
        _client = client;
        _address = address;
        _options = options;

        // Its first byte tells all: the length, the version, and that the server knows ranges.
        long giveUp = GiveUp;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                using HttpRequestMessage request = Request(0, 1);
                using HttpResponseMessage response = Send(request);
                _version = ResourceVersion.Of(response, address, options);
                return;
            }
            catch (Exception failure) when (IsPassing(failure))
            {
                ThrowIfLast(attempt, giveUp, failure);
            }
        }
    }

    public override long Length => _version.Length;

    public override StateInterval NextInterval => new(1);

    private long GiveUp => Environment.TickCount64 + (long)_options.FaultLimit.TotalMilliseconds;

    public override void ReadPages(PageNumber first, Span<byte> destination)
    {
        long offset = (long)first.Value * PageNumber.Size;
        Span<byte> wanted = destination[..(int)Math.Clamp(Length - offset, 0, destination.Length)];
        long giveUp = GiveUp;
        for (int attempt = 1; wanted.Length > 0; attempt++)
        {
            ThrowIfChanged();
            Exception? failure = null;
            int count = 0;
            try
            {
                Fetch(offset, wanted, giveUp, ref count);
            }
            catch (Exception passing) when (IsPassing(passing))
            {
                failure = passing;
            }
            catch (KernelException changed) when (changed.Status == Status.IoError)
            {
                _changed = changed;                                 // nothing of it fits to what was read before
                throw;
            }

            offset += count;
            wanted = wanted[count..];
            if (wanted.Length > 0)
            {
                ThrowIfLast(attempt, giveUp, failure);
            }
        }
    }

    public override void Dispose()
    {
        // Connections are the manager's.
    }

    /// <summary>Whether another attempt may have more luck.</summary>
    private static bool IsPassing(Exception failure) =>
        failure is HttpRequestException or IOException or SocketException or OperationCanceledException;

    /// <param name="offset">Where the range begins.</param>
    /// <param name="destination">What is wanted.</param>
    /// <param name="giveUp">When no more of the answer is read.</param>
    /// <param name="count">How many bytes came, also when it fails.</param>
    private void Fetch(long offset, Span<byte> destination, long giveUp, ref int count)
    {
        using HttpRequestMessage request = Request(offset, destination.Length);
        _version.Demand(request);
        using HttpResponseMessage response = Send(request);
        _version.ThrowUnlessSame(response, offset, destination.Length);
        using Stream body = response.Content.ReadAsStream();
        while (count < destination.Length && Environment.TickCount64 < giveUp)
        {
            int read = body.Read(destination[count..]);
            if (read == 0)
            {
                return;
            }

            count += read;
        }
    }

    private HttpRequestMessage Request(long offset, int length)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, _address);
        request.Headers.Range = new RangeHeaderValue(offset, offset + length - 1);
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        return request;
    }

    private HttpResponseMessage Send(HttpRequestMessage request)
    {
        HttpResponseMessage response = _client.Send(request, HttpCompletionOption.ResponseHeadersRead);
        if (response.StatusCode is < HttpStatusCode.InternalServerError
            and not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests))
        {
            return response;
        }

        using (response)
        {
            throw new HttpRequestException(
                $"the server answers {(int)response.StatusCode} {response.ReasonPhrase}", null, response.StatusCode);
        }
    }

    private void ThrowIfLast(int attempt, long giveUp, Exception? failure)
    {
        bool isLate = Environment.TickCount64 >= giveUp;
        if (attempt < _options.Attempts && !isLate)
        {
            return;
        }

        throw new KernelException(
            isLate || IsStall(failure) ? Status.DeadlineExceeded : Status.IoError,
            $"'{_address}': {attempt} requests brought not all that was wanted: "
                + (failure?.Message ?? "the answer ended early"),
            failure);
    }

    private static bool IsStall(Exception? failure)
    {
        for (Exception? cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock })
            {
                return true;
            }
        }

        return false;
    }

    private void ThrowIfChanged()
    {
        if (_changed is { } changed)
        {
            throw new KernelException(changed.Status, changed.Message);
        }
    }
}
