namespace Runtime.Stores.Managers;

/// <summary>Recognizes those who go through a container at equal distances, several at once, by their faults.</summary>
/// <remarks>Thread safe; allocates nothing. The idea of a marked page is that of Linux's own read-ahead.</remarks>
internal sealed class ReadAhead
{
    private const int Walkers = 8;

    // Twice the same distance, and no greater one: so random faults hardly ever look like somebody walking.
    private const int StepsToBelieve = 2;
    private const long LongestStride = 64;
    private const int FirstDepth = 8;

    private readonly Lock _lock = new();                            // guards the fields below
    private readonly Walker[] _walkers = new Walker[Walkers];
    private int _oldest;

    /// <summary>Notes a fault.</summary>
    /// <param name="page">Where.</param>
    /// <param name="mostDepth">Pages to plan at most.</param>
    /// <param name="plan">What to bring in.</param>
    /// <returns>Whether somebody seems to go on from here, for whom nothing is planned yet.</returns>
    public bool TryPlan(long page, int mostDepth, out ReadAheadPlan plan)
    {
        lock (_lock)
        {
            for (int i = 0; i < Walkers; i++)
            {
                ref Walker walker = ref _walkers[i];
                if (walker.IsOnItsWay(page))
                {
                    return walker.TryGoOn(page, mostDepth, out plan);
                }
            }

            plan = default;
            for (int i = 0; i < Walkers; i++)
            {
                ref Walker walker = ref _walkers[i];
                if (walker.IsNear(page))
                {
                    walker.Step(page);
                    return walker.Steps == StepsToBelieve && walker.TryGoOn(page, mostDepth, out plan);
                }
            }

            _walkers[_oldest] = new Walker { IsUsed = true, Last = page };
            _oldest = (_oldest + 1) % Walkers;
            return false;
        }
    }

    private struct Walker
    {
        public bool IsUsed;
        public long Last;
        public int Steps;
        private long _stride;
        private long _marker;
        private long _end;                                          // the first page that is not planned yet
        private int _depth;

        /// <summary>Whether it is believed to be walking, and may have come to this page.</summary>
        public readonly bool IsOnItsWay(long page)
        {
            if (Steps < StepsToBelieve || (page - Last) % _stride != 0)
            {
                return false;
            }

            long steps = (page - Last) / _stride;
            return steps > 0 && steps <= (_end - Last) / _stride;
        }

        public readonly bool IsNear(long page) =>
            IsUsed && page != Last && Math.Abs(page - Last) <= LongestStride;

        public void Step(long page)
        {
            Steps = page - Last == _stride ? Steps + 1 : 1;
            _stride = page - Last;
            Last = page;
            _depth = 0;
        }

        /// <summary>Plans on, unless it has not come to its marker yet.</summary>
        public bool TryGoOn(long page, int mostDepth, out ReadAheadPlan plan)
        {
            Last = page;
            plan = default;
            bool isFirst = _depth == 0;
            if (!isFirst && (page - _marker) / _stride < 0)
            {
                return false;
            }

            _depth = Math.Min(isFirst ? FirstDepth : 2 * _depth, Math.Max(mostDepth, 2));
            long start = isFirst || (_end - page) / _stride <= 0 ? page + _stride : _end;
            _marker = start + (_depth / 2 * _stride);
            _end = start + (_depth * _stride);
            plan = new ReadAheadPlan(start, _stride, _depth, _marker);
            return true;
        }
    }
}
