using Runtime.Core;

namespace Runtime.Stores;

/// <summary>Adds the volume to <see cref="KernelOptions"/>, so that Core need not know any store.</summary>
public static class KernelOptionsExtensions
{
    extension(KernelOptions options)
    {
        /// <summary>
        /// The directory of the home volume, created if absent; registers the manager "snapshotting" with it.
        /// </summary>
        public string? Volume
        {
            get => throw new NotImplementedException();
            set => throw new NotImplementedException();
        }
    }
}
