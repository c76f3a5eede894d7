using System.Text;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Disks;
using Runtime.Stores.Managers;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;

namespace Runtime.Tests.Stores.Managers;

/// <summary>What containers hold is nobody's business: it stands in no log, no exception and no report.</summary>
public class SecretsTests
{
    private const long Length = 1 << 18;

    private static readonly byte[] s_secret = "Sw0rdfish!Xyzzy."u8.ToArray();

    private readonly List<string> _said = [];

    [Test]
    public void Nothing_says_what_a_page_holds_whatever_goes_wrong()
    {
        using var disk = new SimulatedDisk();
        Volume? volume = null;
        var options = new KernelOptions
        {
            OpenVolume = () => volume = Volume.Open(disk, new VolumeOptions { Create = true }),
            LoggerFactory = new Recorder(_said),
            SnapshotOnDispose = false,
        };
        options.Managers.Add(options.DefaultManager, () => new SnapshottingManager(volume!));
        using (Kernel kernel = Kernel.Boot(options))
        {
            Container container = kernel.OpenContainer("a", Length);
            Write(container);
            container.TakeSnapshot().WaitForDurable();

            Write(container);
            disk.FailAtCall(disk.Calls + 1, Status.NoResources);
            Fails(() => container.TakeSnapshot().WaitForDurable());
            container.TakeSnapshot().WaitForDurable();
            Fails(() => container.View.Read<ulong>(Length));
            Fails(() => kernel.OpenVersion("a", new StateInterval(99)));
            Fails(() => kernel.DeleteContainer("a"));
            container.Abandon();

            Assert.That(DamagePages(disk), Is.GreaterThan(10));
            using Container damaged = kernel.OpenContainer("a");
            Fails(() => damaged.View.Read<ulong>(0));
            foreach (VolumeDamage damage in volume!.Verify().Damages)
            {
                _said.Add(damage.ToString());
            }

            Container other = kernel.OpenContainer("b", Length);
            Write(other);
            for (int call = 1; call < 20; call++)
            {
                disk.FailAtCall(disk.Calls + call, Status.IoError);
            }

            Fails(() => other.TakeSnapshot().WaitForDurable());
            Fails(() => other.TakeSnapshot().WaitForDurable());
            other.Abandon();
        }

        Assert.That(_said, Has.Some.Contains("Kernel booted"));
        Assert.That(_said, Has.Some.Contains("checksum"));
        Assert.That(_said, Has.None.Matches<string>(Tells));
    }

    [TestCase("page: Sw0rdfish!")]
    [TestCase("53-77-30-72-64-66")]
    [TestCase("found 0x7369666472307753")]
    [TestCase("read 5377307264666973682158797A7A792E")]
    public void A_secret_would_be_noticed(string message) => Assert.That(Tells(message));

    /// <summary>Whether a message has a part of the secret: as text, as hexadecimal digits in either order.</summary>
    private static bool Tells(string? message)
    {
        const int Part = 4;
        string digits = message!.Replace("-", "").Replace(" ", "");
        for (int i = 0; i + Part <= s_secret.Length; i++)
        {
            byte[] part = s_secret[i..(i + Part)];
            if (message.Contains(Encoding.ASCII.GetString(part), StringComparison.Ordinal)
                || digits.Contains(Convert.ToHexString(part), StringComparison.OrdinalIgnoreCase)
                || digits.Contains(Convert.ToHexString([.. part.Reverse()]), StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static void Write(Container container)
    {
        for (long offset = 0; offset + s_secret.Length <= Length; offset += s_secret.Length)
        {
            container.View.Write(offset, s_secret);
        }
    }

    private static int DamagePages(SimulatedDisk disk)
    {
        int count = 0;
        var block = new byte[IDisk.BlockSize];
        foreach (long number in disk.WrittenBlocks)
        {
            disk.ReadBlocks(new BlockNumber(number), block);
            if (block.AsSpan().IndexOf(s_secret) >= 0)
            {
                disk.Flip(number, offset: 3);
                count++;
            }
        }

        return count;
    }

    private void Fails(Action action)
    {
        try
        {
            action();
            Assert.Fail("it was to fail");
        }
        catch (Exception exception) when (exception is KernelException or ArgumentException)
        {
            _said.Add(exception.ToString());
        }
    }

    /// <summary>Takes down everything that is logged at any level.</summary>
    private sealed class Recorder(List<string> said) : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            lock (said)
            {
                said.Add(state.ToString()!);
            }

            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            lock (said)
            {
                said.Add($"{logLevel} {eventId} {formatter(state, exception)} {state} {exception}");
            }
        }
    }
}
