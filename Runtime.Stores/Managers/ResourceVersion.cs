using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Runtime.Core;

namespace Runtime.Stores.Managers;

/// <summary>What a server said of a resource when it was opened; every later answer must agree.</summary>
/// <remarks>Source: RFC 9110, sections 8.8, 13.1 and 14.</remarks>
internal sealed class ResourceVersion
{
    private readonly Uri _address;
    private readonly EntityTagHeaderValue? _tag;                    // a strong one
    private readonly DateTimeOffset? _lastModified;

    private ResourceVersion(Uri address, long length, EntityTagHeaderValue? tag, DateTimeOffset? lastModified)
    {
        _address = address;
        Length = length;
        _tag = tag;
        _lastModified = lastModified;
    }

    public long Length { get; }

    /// <summary>Takes it from the answer to a request for the first byte.</summary>
    public static ResourceVersion Of(HttpResponseMessage response, Uri address, HttpRangeOptions options)
    {
        ContentRangeHeaderValue? range = response.Content.Headers.ContentRange;
        bool isEmpty = response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && range?.Length == 0;
        if (!isEmpty && response.StatusCode != HttpStatusCode.PartialContent)
        {
            throw Refused(response, address);
        }

        if (range?.Length is not { } length || IsEncoded(response))
        {
            throw new KernelException(
                Status.NotSupported, $"'{address}' cannot be shown: the server does not tell how long it is");
        }

        EntityTagHeaderValue? tag = response.Headers.ETag is { IsWeak: false } strong ? strong : null;
        DateTimeOffset? lastModified = response.Content.Headers.LastModified;
        return tag is null && lastModified is null && !options.AllowsUnversioned
            ? throw new KernelException(
                Status.NotSupported,
                $"'{address}' cannot be shown: the server gives it neither a strong entity tag nor a time of its last "
                    + "change, so that a change would go unnoticed")
            : new ResourceVersion(address, length, tag, lastModified);
    }

    /// <summary>Lets the server refuse if the resource is another by now.</summary>
    public void Demand(HttpRequestMessage request)
    {
        if (_tag is not null)
        {
            request.Headers.IfMatch.Add(_tag);
        }
        else if (_lastModified is { } time)
        {
            request.Headers.IfUnmodifiedSince = time;
        }
    }

    /// <summary>Servers may ignore what was demanded, so their answers are looked at as well.</summary>
    /// <exception cref="KernelException">
    /// <see cref="Status.IoError"/> if it is not the range that was asked for, of the version that was opened.
    /// </exception>
    public void ThrowUnlessSame(HttpResponseMessage response, long offset, int length)
    {
        ContentRangeHeaderValue? range = response.Content.Headers.ContentRange;
        bool isOther = (_tag is not null && response.Headers.ETag is { } tag && !tag.Equals(_tag))
            || (_lastModified is not null && response.Content.Headers.LastModified is { } time && time != _lastModified)
            || (range?.Length is { } newLength && newLength != Length)
            || response.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.NotFound
                or HttpStatusCode.Gone or HttpStatusCode.RequestedRangeNotSatisfiable;
        if (isOther)
        {
            throw new KernelException(
                Status.IoError, $"'{_address}' has changed since it was opened; close the container and open it again");
        }

        if (response.StatusCode != HttpStatusCode.PartialContent)
        {
            throw Refused(response, _address);
        }

        if (range is null || range.From != offset || !(range.To >= offset) || range.To >= offset + length
            || IsEncoded(response))
        {
            throw new KernelException(
                Status.NotSupported,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"'{_address}': the server answers with '{range}' where {length} bytes from {offset} were wanted"));
        }
    }

    private static bool IsEncoded(HttpResponseMessage response) =>
        response.Content.Headers.ContentEncoding.Any(encoding => encoding != "identity");

    private static KernelException Refused(HttpResponseMessage response, Uri address) => response.StatusCode switch
    {
        HttpStatusCode.OK => new KernelException(
            Status.NotSupported, $"'{address}' cannot be shown: the server does not answer with ranges"),
        HttpStatusCode.NotFound or HttpStatusCode.Gone => new KernelException(
            Status.ContainerGone, $"there is no '{address}'"),
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new KernelException(
            Status.PermissionDenied, $"'{address}': the server answers {(int)response.StatusCode}"),
        _ => new KernelException(
            Status.IoError, $"'{address}': the server answers {(int)response.StatusCode} {response.ReasonPhrase}"),
    };
}
