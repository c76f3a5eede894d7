using Microsoft.Win32.SafeHandles;
using Runtime.Core;
using Runtime.Stores.Disks;

namespace Runtime.Tests.Stores.Disks;

/// <summary>
/// Files with a volatile cache, and names with one: what was created is found again only if its directory was flushed.
/// </summary>
/// <remarks>
/// Calls are counted from 1, and any of them fails, or loses power, when it is told to, the same way for the same seed.
/// A call that is reported failed has done nothing. Locks are the real system's, so its directories are made as well.
/// Thread safe.
/// </remarks>
/// <param name="root">A real directory, below which everything is; it and what is above it are durable.</param>
/// <param name="seed">Decides what a power cut leaves, and how short transfers are.</param>
internal sealed class SimulatedFileSystem(string root, int seed) : IFileSystem
{
    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);

    // Guarded by _lock. A directory is a name without a file.
    private readonly Dictionary<string, SimulatedFile?> _names = [];
    private readonly Dictionary<string, SimulatedFile?> _durableNames = [];
    private readonly List<SystemCall> _calls = [];
    private readonly Dictionary<int, SimulatedError> _failures = [];
    private readonly Dictionary<SystemCall, (SimulatedError Error, int Skipped)> _next = [];

    /// <summary>The number of the call during which power goes; 0 for never.</summary>
    public int PowerCutAtCall { get; set; }

    /// <summary>Whether files take and give a part of what is asked for, of any number of bytes.</summary>
    public bool HasShortTransfers { get; init; }

    public string Root => root;

    public bool HasPower { get; private set; } = true;

    /// <summary>Every call so far.</summary>
    public IReadOnlyList<SystemCall> Calls
    {
        get
        {
            lock (_lock)
            {
                return [.. _calls];
            }
        }
    }

    /// <summary>The call that failed last because it was told to, and where in its file.</summary>
    public (SystemCall Call, long Offset)? Failed { get; private set; }

    /// <summary>Lets the next call of a kind fail, or one after it; it does nothing but fail.</summary>
    public void FailNext(SystemCall call, SimulatedError error, int skipped = 0)
    {
        lock (_lock)
        {
            Failed = null;
            _next[call] = (error, skipped);
        }
    }

    /// <summary>Lets a call fail; it does nothing but fail.</summary>
    public void FailAtCall(int call, SimulatedError error) => _failures.Add(call, error);

    /// <summary>From now on calls succeed that were to fail.</summary>
    public void FailNoMore()
    {
        lock (_lock)
        {
            _failures.Clear();
            _next.Clear();
        }
    }

    /// <summary>Pulls the plug between two calls.</summary>
    public void CutPower()
    {
        lock (_lock)
        {
            CutPowerUnsynchronized();
        }
    }

    /// <summary>Starts the machine again, with what reached the medium.</summary>
    public void Restart()
    {
        lock (_lock)
        {
            HasPower = true;
            PowerCutAtCall = 0;
        }
    }

    public bool FileExists(string path)
    {
        lock (_lock)
        {
            return _names.GetValueOrDefault(path) is not null;
        }
    }

    public bool DirectoryExists(string path)
    {
        lock (_lock)
        {
            return IsAboveRoot(path) || _names.ContainsKey(path);
        }
    }

    public void CreateDirectory(string path, bool isOwnerOnly)
    {
        lock (_lock)
        {
            bool cut = Begin(SystemCall.CreateDirectory, out SimulatedError? error);
            Throw("mkdir", path, error);
            if (!IsAboveRoot(path))
            {
                RequireParent(path);
                _names.TryAdd(path, null);
                SystemFiles.Instance.CreateDirectory(path, isOwnerOnly);
            }

            Throw("mkdir", path, End(cut));
        }
    }

    public IFile OpenFile(SafeFileHandle? directory, string path, bool create, bool isReadOnly)
    {
        lock (_lock)
        {
            bool cut = Begin(SystemCall.Open, out SimulatedError? error);
            Throw("open", path, error);
            RequireParent(path);
            SimulatedFile file = _names.GetValueOrDefault(path) ?? (create ? new SimulatedFile() : throw Missing(path));
            _names[path] = file;
            Throw("open", path, End(cut));
            return new Handle(this, file);
        }
    }

    public void FlushDirectory(SafeFileHandle? directory, string path)
    {
        lock (_lock)
        {
            bool cut = Begin(SystemCall.FlushDirectory, out SimulatedError? error);
            Throw("fsync", path, error ?? End(cut));
            foreach ((string name, SimulatedFile? file) in _names)
            {
                if (Path.GetDirectoryName(name) == path)
                {
                    _durableNames[name] = file;
                }
            }
        }
    }

    private bool IsAboveRoot(string path) =>
        path == root || root.StartsWith(Path.TrimEndingDirectorySeparator(path) + Path.DirectorySeparatorChar,
            StringComparison.Ordinal) || Path.GetPathRoot(path) == path;

    private void RequireParent(string path)
    {
        string parent = Path.GetDirectoryName(path)!;
        if (!IsAboveRoot(parent) && !_names.ContainsKey(parent))
        {
            throw Missing(path);
        }
    }

    private static VolumeException Missing(string path) =>
        new(Status.IoError, $"open '{path}' failed: simulated: there is no such file");

    /// <returns>Whether power goes during the call.</returns>
    private bool Begin(SystemCall call, out SimulatedError? error, long offset = 0)
    {
        if (!HasPower)
        {
            error = SimulatedError.Medium;
            return false;
        }

        _calls.Add(call);
        if (_failures.TryGetValue(_calls.Count, out error) || IsNext(call, out error))
        {
            Failed = (call, offset);
        }

        return _calls.Count == PowerCutAtCall;
    }

    private bool IsNext(SystemCall call, out SimulatedError? error)
    {
        error = null;
        if (!_next.TryGetValue(call, out (SimulatedError Error, int Skipped) next))
        {
            return false;
        }

        if (next.Skipped > 0)
        {
            _next[call] = next with { Skipped = next.Skipped - 1 };
            return false;
        }

        _next.Remove(call);
        error = next.Error;
        return true;
    }

    /// <returns>What to answer: nothing, or that power is gone.</returns>
    private SimulatedError? End(bool cut)
    {
        if (cut)
        {
            CutPowerUnsynchronized();
        }

        return cut ? SimulatedError.Medium : null;
    }

    private static void Throw(string call, string path, SimulatedError? error)
    {
        if (error is not null)
        {
            throw DiskErrors.For(call, path, error.Number);
        }
    }

    private void CutPowerUnsynchronized()
    {
        HasPower = false;

        // Some cuts lose all, some nothing, most something in between.
        double chance = _random.Next(4) switch { 0 => 0, 1 => 1, _ => _random.NextDouble() };
        foreach (SimulatedFile file in _names.Values.OfType<SimulatedFile>())
        {
            file.CutPower(_random, chance);
        }

        foreach ((string name, SimulatedFile? file) in _names)
        {
            if (_random.NextDouble() < chance)
            {
                _durableNames.TryAdd(name, file);
            }
        }

        _names.Clear();
        foreach ((string name, SimulatedFile? file) in _durableNames.OrderBy(name => name.Key.Length))
        {
            // What stands in a directory goes with the directory's own name.
            string parent = Path.GetDirectoryName(name)!;
            if (IsAboveRoot(parent) || _names.ContainsKey(parent))
            {
                _names.Add(name, file);
            }
        }

        _durableNames.Clear();
        foreach ((string name, SimulatedFile? file) in _names)
        {
            _durableNames.Add(name, file);
        }
    }

    /// <summary>An open file.</summary>
    private sealed class Handle(SimulatedFileSystem system, SimulatedFile file) : IFile
    {
        public bool IsClosed { get; private set; }

        public long Length
        {
            get
            {
                lock (system._lock)
                {
                    Throw(Begin(SystemCall.Length, out bool cut));
                    Throw(system.End(cut));
                    return file.Length;
                }
            }
        }

        public int Read(long offset, Span<byte> destination)
        {
            lock (system._lock)
            {
                Throw(Begin(SystemCall.Read, out bool cut, offset));
                Throw(system.End(cut));
                return file.Read(offset, destination[..Transferred(destination.Length)]);
            }
        }

        public int Write(long offset, ReadOnlySpan<byte> source)
        {
            lock (system._lock)
            {
                Throw(Begin(SystemCall.Write, out bool cut, offset));
                int count = Transferred(source.Length);
                file.Write(offset, source[..count]);
                Throw(system.End(cut));
                return count;
            }
        }

        public void SetLength(long length)
        {
            lock (system._lock)
            {
                Throw(Begin(SystemCall.SetLength, out bool cut));
                file.SetLength(length);
                Throw(system.End(cut));
            }
        }

        public int Allocate(long offset, long byteLength)
        {
            lock (system._lock)
            {
                SimulatedError? error = Begin(SystemCall.Allocate, out bool cut);
                if (error is null)
                {
                    file.SetLength(Math.Max(file.Length, offset + byteLength));
                    error = system.End(cut);
                }

                return error?.Number ?? 0;
            }
        }

        public int Flush()
        {
            lock (system._lock)
            {
                SimulatedError? error = Begin(SystemCall.Flush, out bool cut);
                if (error is not null)
                {
                    // What it could not write the system takes for clean from now on.
                    file.LoseDirty(system._random);
                    return error.Number;
                }

                error = system.End(cut);
                if (error is null)
                {
                    file.Flush();
                }

                return error?.Number ?? 0;
            }
        }

        public void ThrowUnlessOurs(string path)
        {
        }

        public void Dispose() => IsClosed = true;

        private SimulatedError? Begin(SystemCall call, out bool cut, long offset = 0)
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            cut = system.Begin(call, out SimulatedError? error, offset);
            return error;
        }

        private static void Throw(SimulatedError? error)
        {
            if (error is not null)
            {
                throw error.ToException();
            }
        }

        private int Transferred(int length) =>
            system.HasShortTransfers && length > 1 ? 1 + system._random.Next(length) : length;
    }
}
