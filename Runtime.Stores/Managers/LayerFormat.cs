namespace Runtime.Stores.Managers;

/// <summary>Where things stand in a backing container. Source: docs/format.md, "Layers".</summary>
internal static class LayerFormat
{
    public const ulong Magic = 0x52594C_445954414B;                 // "KATYDLYR"
    public const ushort Version = 1;
    public const ushort Encrypting = 1;
    public const ushort Compressing = 2;

    /// <summary>Page 0.</summary>
    public static class Header
    {
        public const int Magic = 0;
        public const int Version = 8;
        public const int Kind = 10;
        public const int Identity = 16;
        public const int IdentitySize = 16;
        public const int KeyNonce = 32;                             // of encrypting ones
        public const int KeyTag = 44;
        public const int Size = 60;
    }

    /// <summary>What an encrypting layer's table says of a page.</summary>
    public static class Sealed
    {
        public const int Nonce = 0;
        public const int NonceSize = 12;
        public const int Tag = 12;
        public const int TagSize = 16;
        public const int State = 28;                                // 0: zeroes, 1: present
        public const int Size = 32;
        public const int PerGroup = 128;
    }

    /// <summary>What a compressing layer's table says of a unit.</summary>
    public static class Unit
    {
        public const int Pages = 16;
        public const int EntrySize = 4;                             // 0: zeroes, else bytes, or Raw
        public const uint Raw = uint.MaxValue;
        public const int PerGroup = 1024;
    }
}
