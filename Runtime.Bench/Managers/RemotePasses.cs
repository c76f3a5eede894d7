using System.Net.Http.Headers;
using Runtime.Bench.Reports;
using Runtime.Bench.Storage;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Storage;
using Runtime.Native;
using Runtime.Stores.Managers;

namespace Runtime.Bench.Managers;

/// <summary>
/// Passes over a remote file, page by page in order: through a container with and without reading ahead, and by
/// requests of as many bytes as a fault makes.
/// </summary>
internal sealed class RemotePasses : IDisposable
{
    private const int PagesAtOnce = 16;
    private static readonly TimeSpan s_delay = TimeSpan.FromMilliseconds(5);

    private readonly SlowServer _server;
    private readonly int _pages;
    private readonly byte[] _page = new byte[PageNumber.Size];

    internal RemotePasses(int length)
    {
        _pages = length / PageNumber.Size;
        byte[] content = new byte[length];
        for (int page = 0; page < _pages; page++)
        {
            BitConverter.TryWriteBytes(content.AsSpan(page * PageNumber.Size), (long)page);
        }

        _server = new SlowServer(content, s_delay);
    }

    public void Dispose() => _server.Dispose();

    internal IEnumerable<Sample> Run(int rounds)
    {
        for (int round = 0; round < rounds; round++)
        {
            yield return ByClient();
            foreach (TrapEngine engine in BenchCommand.Engines)
            {
                yield return ByContainer(engine, readAhead: 0);
                yield return ByContainer(engine, new SourceOptions().ReadAhead);
            }
        }
    }

    private Sample ByClient()
    {
        using var client = new HttpClient();
        byte[] block = [];
        double ns = Timing.Measure(() =>
        {
            for (int page = 0; page < _pages; page++)
            {
                if (page % PagesAtOnce == 0)
                {
                    using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_server.Root, "file"));
                    long first = (long)page * PageNumber.Size;
                    request.Headers.Range = new RangeHeaderValue(first, first + PagesAtOnce * PageNumber.Size - 1);
                    using HttpResponseMessage response = client.Send(request);
                    using var received = new MemoryStream();
                    response.Content.ReadAsStream().CopyTo(received);
                    block = received.ToArray();
                }

                block.AsSpan(page % PagesAtOnce * PageNumber.Size, PageNumber.Size).CopyTo(_page);
                Check(page);
            }
        });
        return SampleOf(Peers.Client, way: null, engine: null, ns);
    }

    private Sample ByContainer(TrapEngine engine, int readAhead)
    {
        var options = new KernelOptions
        {
            Engine = engine,
            OpenVolume = () => new MemoryVolume(),
            DefaultManager = "web",
        };
        options.Managers.Add("web", () => new HttpRangeManager(
            _server.Root, new HttpRangeOptions { TransferUnit = PagesAtOnce, ReadAhead = readAhead }));
        using Kernel kernel = Kernel.Boot(options);
        Container container = kernel.OpenContainer("file", length: 0);
        double ns = Timing.Measure(() =>
        {
            for (int page = 0; page < _pages; page++)
            {
                container.View.Read((long)page * PageNumber.Size, _page);
                Check(page);
            }
        });
        string way = readAhead == 0 ? "HTTP manager, no read ahead" : "HTTP manager";
        return SampleOf("Katydid", way, engine.Name, ns) with
        {
            Hits = _pages - container.Statistics.Upcalls,
        };
    }

    private void Check(int page)
    {
        if (BitConverter.ToInt64(_page) != page)
        {
            throw new InvalidDataException($"another page came in place of {page}");
        }
    }

    private Sample SampleOf(string side, string? way, string? engine, double ns) => new()
    {
        Topic = Topics.Remote,
        Side = side,
        Way = way,
        Engine = engine,
        Workload = "in order, 5 ms each request",
        Cores = Environment.ProcessorCount,
        Count = _pages,
        Ns = ns / _pages,
        MeanNs = ns / _pages,
    };
}
