using System.Security.Cryptography;
using NUnit.Framework;
using Runtime.Core.Disks;
using Runtime.Stores.Logs;
using Runtime.Tests.Stores.Disks;

namespace Runtime.Tests.Stores.Logs;

/// <summary>One log with some of everything: its bytes change only when the format's number does.</summary>
public class GoldenLogTests
{
    private const string Sha256 = "46A8F6387DFC53DFBC7DC518C981178AA4B7D4F52D3CF001D52A16CA0511280C";

    [Test]
    public void The_same_changes_make_the_bytes_of_format_version_1_which_read_as_they_did()
    {
        var disk = new SimulatedDisk();
        var driver = new LogDriver(disk);
        driver.Open();
        for (int i = 0; i < 12; i++)
        {
            driver.Append();
            driver.Append();
            driver.Flush();
            if (i is 3 or 8)
            {
                driver.Compact();
            }
        }

        driver.Reopen();
        driver.Append();
        driver.Flush();
        driver.Close();

        var bytes = new byte[disk.BlockCount * IDisk.BlockSize];
        disk.ReadBlocks(new BlockNumber(0), bytes);
        Assert.That(LogFormat.Version, Is.EqualTo(1));
        Assert.That(Convert.ToHexString(SHA256.HashData(bytes)), Is.EqualTo(Sha256));
        Assert.That(LogUse.Difference(LogUse.Read(disk.Reopen()), driver.Promise.Flushed), Is.Null);
    }
}
