using System.CommandLine;
using Runtime.Core.Disks;
using Runtime.Stores.Volumes;
using Runtime.Tool.Arguments;
using Runtime.Tool.Output;

namespace Runtime.Tool.Verbs;

/// <summary><c>dump [--block N]</c>: superblocks, or one block, as they stand on the disk.</summary>
internal static class DumpVerb
{
    internal static Verb Create(ToolConsole console, VolumeOption volume)
    {
        var block = new Option<long?>("--block")
        {
            HelpName = "N",
            Description = "A block instead, by the number with which errors name it, without the b; hexadecimal.",
            CustomParser = static result =>
            {
                if (long.TryParse(
                    result.Tokens[0].Value.TrimStart('b'),
                    System.Globalization.NumberStyles.AllowHexSpecifier,
                    System.Globalization.CultureInfo.InvariantCulture,
                    out long number) && number >= 0)
                {
                    return number;
                }

                result.AddError($"'{result.Tokens[0].Value}' is no block number; '1f' is one");
                return null;
            },
        };
        var verb = new Verb("dump", "Show superblocks, or what a block is and holds, for people who debug.")
        {
            Notes =
            [
                "Shows all four copies of the superblock, damaged or not, even where no volume can be opened. With",
                "--block, what leads to a block in the newest commit, and what stands in it: pointers of a node,",
                "fields of a record, bytes of anything else. docs/format.md says what they mean.",
            ],
            Examples = ["dump", "dump --block 1f"],
        };
        verb.Options.Add(block);
        verb.SetAction((command, cancellationToken) => Task.Run(
            () =>
            {
                string directory = volume.Resolve(command);
                VolumeSession.RequireExisting(directory);
                if (command.GetValue(block) is { } number)
                {
                    VolumeDump.WriteBlock(directory, new BlockNumber(number), console.Output, cancellationToken);
                }
                else
                {
                    VolumeDump.WriteSuperblocks(directory, console.Output);
                }

                return ExitCode.Success;
            },
            cancellationToken));
        return verb;
    }
}
